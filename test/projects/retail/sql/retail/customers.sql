SELECT
  CAST(CustomerID AS BIGINT) AS customer_id,
  CAST(:as_of AS DATE) - CAST(MAX(InvoiceDate) AS DATE) AS recency_days,
  COUNT(DISTINCT InvoiceNo) AS frequency,
  CAST(SUM(Quantity * CAST(UnitPrice AS DECIMAL(18, 4))) AS DECIMAL(18, 2)) AS monetary
FROM online_retail
WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0
GROUP BY CustomerID
