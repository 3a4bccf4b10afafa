-- One row per account with a won deal for the products of interest in the window that ends on as_of.
-- Deals of zero or less are credits, or deals merged into a larger one: quality.sql counts them.
SELECT
  account_id,
  CAST(:as_of AS DATE) - MAX(close_date) AS recency_days,
  COUNT(*) AS deals,
  SUM(amount) AS value
FROM opportunity
WHERE stage = 'Closed Won'
  AND product IN (:products)
  AND close_date > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
  AND close_date <= CAST(:as_of AS DATE)
  AND amount > 0
GROUP BY account_id
