SELECT
  opportunity_id,
  CAST(:as_of AS DATE) - close_date AS recency_days,
  close_value
FROM sales_pipeline
WHERE deal_stage IN ('Won', 'Lost') AND close_date <= CAST(:as_of AS DATE) AND close_value > 0
