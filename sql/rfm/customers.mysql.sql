-- customers.sql for MySQL and MariaDB, where a date minus a number is no date.
SELECT
  customer_id,
  DATEDIFF(CAST(:as_of AS DATE), MAX(CASE WHEN quantity > 0 THEN invoice_date END)) AS recency_days,
  COUNT(DISTINCT CASE WHEN quantity > 0 THEN invoice_no END) AS frequency,
  SUM(quantity * unit_price) AS monetary,
  SUM(CASE WHEN quantity > 0 THEN quantity * unit_price ELSE 0 END) AS gross
FROM invoice_line
WHERE customer_id IS NOT NULL
  AND unit_price > 0
  AND CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - INTERVAL CAST(:window_days AS SIGNED) DAY
  AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
GROUP BY customer_id
HAVING COUNT(CASE WHEN quantity > 0 THEN 1 END) > 0
