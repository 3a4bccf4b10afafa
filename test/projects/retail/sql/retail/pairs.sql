WITH bought AS (
  SELECT DISTINCT InvoiceNo, StockCode
  FROM online_retail
  WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0
),
product AS (
  SELECT StockCode, COUNT(*) AS orders FROM bought GROUP BY StockCode
),
pair AS (
  SELECT a.StockCode AS a, b.StockCode AS b, COUNT(*) AS orders
  FROM bought a JOIN bought b ON a.InvoiceNo = b.InvoiceNo AND a.StockCode < b.StockCode
  GROUP BY a.StockCode, b.StockCode
  HAVING COUNT(*) >= :min_orders
)
SELECT
  pair.a,
  pair.b,
  pa.orders AS orders_a,
  pb.orders AS orders_b,
  pair.orders AS orders_ab,
  (SELECT COUNT(DISTINCT InvoiceNo) FROM bought) AS orders_total
FROM pair
JOIN product pa ON pa.StockCode = pair.a
JOIN product pb ON pb.StockCode = pair.b
