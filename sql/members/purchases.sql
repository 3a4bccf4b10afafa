-- Products per member in the last recent_days: what is bought now, not what was bought once. Each text is parsed once.
WITH basket AS MATERIALIZED (
  SELECT member_id, product_json
  FROM sales_transaction
  WHERE total_amt > 0
    AND bought_at >= CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER) + 1
    AND bought_at < CAST(:as_of AS DATE) + 1
),
content AS (
  SELECT
    product_json,
    CASE WHEN json_valid(product_json) THEN TRY_CAST(CAST(product_json AS JSON) AS MAP(VARCHAR, DOUBLE)) END AS products
  FROM (SELECT DISTINCT product_json FROM basket) AS each
),
item AS (
  SELECT product_json, UNNEST(map_keys(products)) AS product_id, UNNEST(map_values(products)) AS pieces
  FROM content
  WHERE len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) = 0
)
SELECT member_id AS customer_id, product_id, COUNT(*) AS orders, SUM(pieces) AS units
FROM basket
JOIN item ON item.product_json = basket.product_json
GROUP BY member_id, product_id
