-- customers.sql for MySQL and MariaDB, where a date minus a number is no date.
SELECT
  account_id,
  DATEDIFF(CAST(:as_of AS DATE), MAX(close_date)) AS recency_days,
  COUNT(*) AS deals,
  SUM(amount) AS value
FROM opportunity
WHERE stage = 'Closed Won'
  AND product IN (:products)
  AND close_date > CAST(:as_of AS DATE) - INTERVAL CAST(:window_days AS SIGNED) DAY
  AND close_date <= CAST(:as_of AS DATE)
  AND amount > 0
GROUP BY account_id
