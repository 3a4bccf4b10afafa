-- quality.sql for MySQL and MariaDB: what the cleaning in customers.mysql.sql removes, and why.
SELECT
  'non_positive_value' AS rule,
  COUNT(*) AS rows_in,
  SUM(CASE WHEN amount > 0 THEN 0 ELSE 1 END) AS rows_removed
FROM opportunity
WHERE stage = 'Closed Won'
  AND product IN (:products)
  AND close_date > CAST(:as_of AS DATE) - INTERVAL CAST(:window_days AS SIGNED) DAY
  AND close_date <= CAST(:as_of AS DATE)
