-- Two goods on one invoice, in the window that ends on as_of.
WITH bought AS (
  SELECT DISTINCT invoice_no, stock_code
  FROM invoice_line
  WHERE customer_id IS NOT NULL
    AND quantity > 0
    AND unit_price > 0
    AND stock_code NOT IN (:not_goods)
    AND CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
    AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
),
orders_of AS (
  SELECT stock_code, COUNT(*) AS orders FROM bought GROUP BY stock_code
),
pair AS (
  SELECT one.stock_code AS a, other.stock_code AS b, COUNT(*) AS orders
  FROM bought AS one
  JOIN bought AS other ON other.invoice_no = one.invoice_no AND other.stock_code > one.stock_code
  GROUP BY one.stock_code, other.stock_code
  HAVING COUNT(*) >= :min_orders
)
SELECT
  pair.a,
  pair.b,
  of_a.orders AS orders_a,
  of_b.orders AS orders_b,
  pair.orders AS orders_ab,
  (SELECT COUNT(DISTINCT invoice_no) FROM bought) AS orders_total
FROM pair
JOIN orders_of AS of_a ON of_a.stock_code = pair.a
JOIN orders_of AS of_b ON of_b.stock_code = pair.b
