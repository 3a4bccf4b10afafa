-- One row per customer with an invoice in the window that ends on as_of. A cancellation is no visit,
-- but what came back is taken off what was spent; gross is the spending without that.
SELECT
  customer_id,
  CAST(:as_of AS DATE) - CAST(MAX(CASE WHEN quantity > 0 THEN invoice_date END) AS DATE) AS recency_days,
  COUNT(DISTINCT CASE WHEN quantity > 0 THEN invoice_no END) AS frequency,
  SUM(quantity * unit_price) AS monetary,
  SUM(CASE WHEN quantity > 0 THEN quantity * unit_price ELSE 0 END) AS gross
FROM invoice_line
WHERE customer_id IS NOT NULL
  AND unit_price > 0
  AND CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
  AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
GROUP BY customer_id
HAVING COUNT(CASE WHEN quantity > 0 THEN 1 END) > 0
