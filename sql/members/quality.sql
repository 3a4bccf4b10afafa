-- Transactions up to as_of that customers.sql leaves out, and why; each counts for the first reason that
-- fits it. A day in 1899, or more than a year ahead, is no day on which anybody bought. Baskets repeat, so equal
-- ones are counted first, and each text is parsed once.
WITH line AS MATERIALIZED (
  SELECT
    CASE
      WHEN bought_on < DATE '1990-01-01' OR bought_on > CAST(:as_of AS DATE) THEN 'bad_date'
      WHEN bought_on < CAST(:complete_from AS DATE) THEN 'incomplete_year'
      WHEN total_amt IS NULL THEN 'no_total'
      WHEN total_amt <= 0 THEN 'non_positive_total'
      WHEN product_json IS NULL THEN 'no_products'
    END AS rule,
    product_json,
    COUNT(*) AS lines
  FROM (SELECT CAST(bought_at AS DATE) AS bought_on, product_json, total_amt FROM sales_transaction) AS dated
  WHERE bought_on <= CAST(:as_of AS DATE) OR bought_on > CAST(:as_of AS DATE) + 366
  GROUP BY 1, 2
),
judged AS (
  SELECT
    CASE
      WHEN rule IS NOT NULL THEN rule
      WHEN products IS NULL OR cardinality(products) = 0 THEN 'malformed_products'
      WHEN len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) > 0
        THEN 'malformed_quantity'
    END AS rule,
    lines
  FROM (
    SELECT
      rule,
      lines,
      CASE WHEN json_valid(product_json) THEN TRY_CAST(CAST(product_json AS JSON) AS MAP(VARCHAR, DOUBLE)) END AS products
    FROM line
  ) AS parsed
),
rules AS (
  SELECT UNNEST([
    'bad_date', 'incomplete_year', 'no_total', 'non_positive_total', 'no_products', 'malformed_products', 'malformed_quantity'
  ]) AS rule
)
SELECT
  rules.rule,
  (SELECT CAST(COALESCE(SUM(lines), 0) AS BIGINT) FROM judged) AS rows_in,
  (SELECT CAST(COALESCE(SUM(lines), 0) AS BIGINT) FROM judged WHERE judged.rule = rules.rule) AS rows_removed
FROM rules
ORDER BY rule
