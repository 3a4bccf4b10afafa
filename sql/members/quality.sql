-- Transactions up to as_of that customers.sql leaves out, and why; each counts for the first reason that
-- fits it. A day in 1899, or more than a year ahead, is no day on which anybody bought. Those whose day or total
-- tells are counted first; of the others, equal baskets are, and each text is parsed once.
WITH judged AS MATERIALIZED (
  SELECT
    CASE
      WHEN bought_at < DATE '1990-01-01' OR bought_at >= CAST(:as_of AS DATE) + 1 THEN 'bad_date'
      WHEN bought_at < CAST(:complete_from AS DATE) THEN 'incomplete_year'
      WHEN total_amt IS NULL THEN 'no_total'
      ELSE 'non_positive_total'
    END AS rule,
    COUNT(*) AS lines
  FROM sales_transaction
  WHERE (bought_at < CAST(:as_of AS DATE) + 1 OR bought_at >= CAST(:as_of AS DATE) + 367)
    AND (
      total_amt > 0
      AND bought_at >= GREATEST(CAST(:complete_from AS DATE), DATE '1990-01-01')
      AND bought_at < CAST(:as_of AS DATE) + 1
    ) IS NOT TRUE
  GROUP BY 1
  UNION ALL
  SELECT
    CASE
      WHEN product_json IS NULL THEN 'no_products'
      WHEN products IS NULL OR cardinality(products) = 0 THEN 'malformed_products'
      WHEN len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) > 0
        THEN 'malformed_quantity'
    END AS rule,
    lines
  FROM (
    SELECT
      product_json,
      lines,
      CASE WHEN json_valid(product_json) THEN TRY_CAST(CAST(product_json AS JSON) AS MAP(VARCHAR, DOUBLE)) END AS products
    FROM (
      SELECT product_json, COUNT(*) AS lines
      FROM sales_transaction
      WHERE total_amt > 0
        AND bought_at >= GREATEST(CAST(:complete_from AS DATE), DATE '1990-01-01')
        AND bought_at < CAST(:as_of AS DATE) + 1
      GROUP BY product_json
    ) AS basket
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
