-- Goods per shopper in the window that ends on as_of; who sent all of a product back no longer has it.
SELECT
  customer_id,
  stock_code AS product_id,
  COUNT(DISTINCT CASE WHEN quantity > 0 THEN invoice_no END) AS orders,
  SUM(quantity) AS units
FROM invoice_line
WHERE customer_id IS NOT NULL
  AND unit_price > 0
  AND stock_code NOT IN (:not_goods)
  AND CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
  AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
GROUP BY customer_id, stock_code
