SELECT id, recency_days, value
FROM :source:
WHERE CAST(:as_of AS DATE) IS NOT NULL
