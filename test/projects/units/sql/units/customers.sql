SELECT CAST(CustomerID AS VARCHAR) AS customer_id, F AS units, M AS line_value
FROM customer
WHERE CAST(:as_of AS DATE) IS NOT NULL
