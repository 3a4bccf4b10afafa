SELECT customer_id, recency_days, transaction_count AS orders, amount
FROM customer
WHERE CAST(:as_of AS DATE) IS NOT NULL
