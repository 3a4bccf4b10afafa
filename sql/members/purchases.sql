-- Products per member in the last recent_days: what is bought now, not what was bought once.
WITH basket AS (
  SELECT
    member_id,
    CASE WHEN json_valid(product_json) THEN TRY_CAST(CAST(product_json AS JSON) AS MAP(VARCHAR, DOUBLE)) END AS products
  FROM sales_transaction
  WHERE total_amt > 0
    AND CAST(bought_at AS DATE) > CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER)
    AND CAST(bought_at AS DATE) <= CAST(:as_of AS DATE)
),
item AS (
  SELECT member_id, UNNEST(map_keys(products)) AS product_id, UNNEST(map_values(products)) AS pieces
  FROM basket
  WHERE len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) = 0
)
SELECT member_id AS customer_id, product_id, COUNT(*) AS orders, SUM(pieces) AS units
FROM item
GROUP BY member_id, product_id
