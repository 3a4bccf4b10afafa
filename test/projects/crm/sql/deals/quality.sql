SELECT
  'non_positive_value' AS rule,
  COUNT(*) AS rows_in,
  SUM(CASE WHEN close_value > 0 THEN 0 ELSE 1 END) AS rows_removed
FROM sales_pipeline
WHERE deal_stage IN ('Won', 'Lost') AND close_date <= CAST(:as_of AS DATE)
