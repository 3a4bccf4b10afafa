-- pairs.sql for PostgreSQL: two products in one basket, in the last recent_days.
WITH item AS (
  SELECT DISTINCT transaction_id, each.key AS product
  FROM sales_transaction
  CROSS JOIN json_each_text(
    CASE
      WHEN product_json ~ '^\s*\{(\s*"[^"\\[:cntrl:]]*"\s*:\s*"?[1-9][0-9]*(\.0+)?"?\s*(,|(?=\})))+\}\s*$'
        THEN CAST(product_json AS json)
    END
  ) AS each
  WHERE total_amt > 0
    AND CAST(bought_at AS DATE) > CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER)
    AND CAST(bought_at AS DATE) <= CAST(:as_of AS DATE)
),
orders_of AS (
  SELECT product, COUNT(*) AS orders FROM item GROUP BY product
),
pair AS (
  SELECT first.product AS a, second.product AS b, COUNT(*) AS orders
  FROM item AS first
  JOIN item AS second ON second.transaction_id = first.transaction_id AND second.product > first.product COLLATE "C"
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
