-- Lines that customers.sql leaves out, and why; each line counts for the first reason that fits it.
WITH line AS (
  SELECT
    CASE
      WHEN customer_id IS NULL THEN 'no_customer'
      WHEN quantity <= 0 THEN 'returned'
      WHEN unit_price <= 0 THEN 'no_price'
      WHEN stock_code IN (:not_goods) THEN 'not_goods'
      WHEN ROW_NUMBER() OVER (
        PARTITION BY invoice_no, stock_code, quantity, invoice_date, unit_price, customer_id, country
        ORDER BY invoice_no
      ) > 1 THEN 'duplicate'
    END AS rule
  FROM invoice_line
  WHERE CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
    AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
),
rules AS (
  SELECT 'no_customer' AS rule
  UNION ALL SELECT 'returned'
  UNION ALL SELECT 'no_price'
  UNION ALL SELECT 'not_goods'
  UNION ALL SELECT 'duplicate'
)
SELECT
  rules.rule,
  (SELECT COUNT(*) FROM line) AS rows_in,
  (SELECT COUNT(*) FROM line WHERE line.rule = rules.rule) AS rows_removed
FROM rules
ORDER BY rule
