-- quality.sql for MySQL and MariaDB: lines that customers.mysql.sql leaves out, and why.
SELECT
  'no_customer' AS rule,
  COUNT(*) AS rows_in,
  COUNT(CASE WHEN customer_id IS NULL THEN 1 END) AS rows_removed
FROM invoice_line
WHERE CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - INTERVAL CAST(:window_days AS SIGNED) DAY
  AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
UNION ALL
SELECT
  'no_price' AS rule,
  COUNT(*) AS rows_in,
  COUNT(CASE WHEN customer_id IS NOT NULL AND unit_price <= 0 THEN 1 END) AS rows_removed
FROM invoice_line
WHERE CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - INTERVAL CAST(:window_days AS SIGNED) DAY
  AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
ORDER BY rule
