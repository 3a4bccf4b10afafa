-- quality.sql for PostgreSQL: what customers.postgres.sql leaves out, and why.
WITH judged AS (
  SELECT
    CASE
      WHEN bought_on < DATE '1990-01-01' OR bought_on > CAST(:as_of AS DATE) THEN 'bad_date'
      WHEN bought_on < CAST(:complete_from AS DATE) THEN 'incomplete_year'
      WHEN total_amt IS NULL THEN 'no_total'
      WHEN total_amt <= 0 THEN 'non_positive_total'
      WHEN product_json IS NULL THEN 'no_products'
      WHEN product_json !~ '^\s*\{(\s*"[^"\\[:cntrl:]]*"\s*:\s*("[^"\\[:cntrl:]]*"|-?[0-9][0-9.eE+-]*|true|false|null)\s*(,|(?=\})))+\}\s*$' THEN 'malformed_products'
      WHEN product_json !~ '^\s*\{(\s*"[^"\\[:cntrl:]]*"\s*:\s*"?[1-9][0-9]*(\.0+)?"?\s*(,|(?=\})))+\}\s*$' THEN 'malformed_quantity'
    END AS rule
  FROM (
    SELECT CAST(bought_at AS DATE) AS bought_on, product_json, total_amt FROM sales_transaction
  ) AS line
  WHERE bought_on <= CAST(:as_of AS DATE) OR bought_on > CAST(:as_of AS DATE) + 366
),
rules AS (
  SELECT UNNEST(ARRAY[
    'bad_date', 'incomplete_year', 'no_total', 'non_positive_total', 'no_products', 'malformed_products', 'malformed_quantity'
  ]) AS rule
)
SELECT
  rules.rule,
  (SELECT COUNT(*) FROM judged) AS rows_in,
  (SELECT COUNT(*) FROM judged WHERE judged.rule = rules.rule) AS rows_removed
FROM rules
ORDER BY rule COLLATE "C"
