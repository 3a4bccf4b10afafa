SELECT
  CAST(CustomerID AS BIGINT) AS customer_id,
  StockCode AS product_id,
  COUNT(DISTINCT CASE WHEN Quantity > 0 AND UnitPrice > 0 THEN InvoiceNo END) AS orders,
  SUM(Quantity) AS units
FROM online_retail
WHERE CustomerID IS NOT NULL
GROUP BY CustomerID, StockCode
