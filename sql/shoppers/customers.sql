-- One row per shopper with an order of goods in the window that ends on as_of. Postage, fees and manual
-- codes are no goods. The mean ticket is per order, not per line; what an order holds is counted once.
SELECT
  customer_id,
  MAX(country) AS country,
  CAST(:as_of AS DATE) - CAST(MAX(invoice_date) AS DATE) AS recency_days,
  COUNT(DISTINCT invoice_no) AS orders,
  SUM(quantity * unit_price) AS spend,
  CAST(SUM(quantity * unit_price) AS DOUBLE PRECISION) / COUNT(DISTINCT invoice_no) AS mean_ticket,
  SUM(quantity) AS units,
  COUNT(DISTINCT stock_code) AS products
FROM (
  SELECT DISTINCT invoice_no, stock_code, quantity, invoice_date, unit_price, customer_id, country
  FROM invoice_line
  WHERE customer_id IS NOT NULL
    AND quantity > 0
    AND unit_price > 0
    AND stock_code NOT IN (:not_goods)
    AND CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
    AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
) AS line
GROUP BY customer_id
