-- Two products in one basket, in the last recent_days. Each text is parsed once.
WITH basket AS MATERIALIZED (
  SELECT transaction_id, product_json
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
product_of AS (
  SELECT product_json, UNNEST(map_keys(products)) AS product
  FROM content
  WHERE len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) = 0
),
item AS MATERIALIZED (
  SELECT DISTINCT transaction_id, product
  FROM basket
  JOIN product_of ON product_of.product_json = basket.product_json
),
orders_of AS (
  SELECT product, COUNT(*) AS orders FROM item GROUP BY product
),
pair AS (
  SELECT first.product AS a, second.product AS b, COUNT(*) AS orders
  FROM item AS first
  JOIN item AS second ON second.transaction_id = first.transaction_id AND second.product > first.product
  GROUP BY first.product, second.product
  HAVING COUNT(*) >= :min_orders
)
SELECT
  pair.a,
  pair.b,
  of_a.orders AS orders_a,
  of_b.orders AS orders_b,
  pair.orders AS orders_ab,
  (SELECT COUNT(DISTINCT transaction_id) FROM item) AS orders_total
FROM pair
JOIN orders_of AS of_a ON of_a.product = pair.a
JOIN orders_of AS of_b ON of_b.product = pair.b
