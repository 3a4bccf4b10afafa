-- purchases.sql for PostgreSQL: products per member in the last recent_days.
WITH item AS (
  SELECT member_id, each.key AS product_id, CAST(each.value AS DOUBLE PRECISION) AS pieces
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
)
SELECT member_id AS customer_id, product_id, COUNT(*) AS orders, SUM(pieces) AS units
FROM item
GROUP BY member_id, product_id
