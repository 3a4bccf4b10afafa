-- customers.sql for PostgreSQL, where a text must be known to be JSON before it is read as such. One row
-- per member with a sound transaction in the window that ends on as_of; prices per product are estimated.
WITH basket AS MATERIALIZED (
  SELECT
    member_id,
    transaction_id,
    CAST(bought_at AS DATE) AS bought_on,
    total_amt,
    centre,
    channel,
    CAST(product_json AS json) AS products,
    (SELECT COUNT(*) FROM json_object_keys(CAST(product_json AS json))) AS product_count
  FROM sales_transaction
  WHERE total_amt > 0
    AND CAST(bought_at AS DATE) >= CAST(:complete_from AS DATE)
    AND CAST(bought_at AS DATE) <= CAST(:as_of AS DATE)
    AND product_json ~ '^\s*\{(\s*"[^"\\[:cntrl:]]*"\s*:\s*"?[1-9][0-9]*(\.0+)?"?\s*(,|(?=\})))+\}\s*$'
),
price AS MATERIALIZED (
  SELECT product, NTILE(4) OVER (ORDER BY median_price, product COLLATE "C") AS band
  FROM (
    SELECT
      single.key AS product,
      PERCENTILE_CONT(0.5) WITHIN GROUP (
        ORDER BY CAST(total_amt AS DOUBLE PRECISION) / CAST(single.value AS DOUBLE PRECISION)
      ) AS median_price
    FROM basket
    CROSS JOIN json_each_text(products) AS single
    WHERE product_count = 1
    GROUP BY single.key
  ) AS estimated
),
item AS (
  SELECT member_id, each.key AS product, CAST(each.value AS DOUBLE PRECISION) AS pieces
  FROM basket
  CROSS JOIN json_each_text(products) AS each
  WHERE bought_on > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
),
pieces_of AS MATERIALIZED (
  SELECT
    member_id,
    SUM(pieces) AS units,
    SUM(CASE WHEN band IS NOT NULL THEN pieces END) AS priced,
    SUM(CASE WHEN band = 1 THEN pieces ELSE 0 END) AS band_1,
    SUM(CASE WHEN band = 2 THEN pieces ELSE 0 END) AS band_2,
    SUM(CASE WHEN band = 3 THEN pieces ELSE 0 END) AS band_3,
    SUM(CASE WHEN band = 4 THEN pieces ELSE 0 END) AS band_4
  FROM item
  LEFT JOIN price ON price.product = item.product
  GROUP BY member_id
),
visits_of AS MATERIALIZED (
  SELECT
    member_id,
    COUNT(*) AS visits,
    SUM(total_amt) AS spend,
    MIN(bought_on) AS first_day,
    MAX(bought_on) AS last_day,
    SUM(CASE WHEN channel = 'online' THEN 1 ELSE 0 END) AS online,
    COUNT(DISTINCT centre) AS centres,
    SUM(CASE WHEN bought_on > CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER) THEN 1 ELSE 0 END) AS recent,
    MAX(CASE WHEN bought_on > CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER) THEN product_count END)
      AS largest_recent
  FROM basket
  WHERE bought_on > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
  GROUP BY member_id
),
history AS MATERIALIZED (
  SELECT member_id, MIN(bought_on) AS since, SUM(total_amt) AS spend FROM basket GROUP BY member_id
),
team AS MATERIALIZED (
  SELECT sponsor_id, COUNT(*) AS members FROM member WHERE sponsor_id IS NOT NULL GROUP BY sponsor_id
)
SELECT
  visits_of.member_id,
  CAST(:as_of AS DATE) - last_day AS recency_days,
  visits,
  visits_of.spend,
  CAST(visits_of.spend AS DOUBLE PRECISION) / visits AS arpu,
  units / visits AS basket_size,
  CASE WHEN visits > 1 THEN CAST(last_day - first_day AS DOUBLE PRECISION) / (visits - 1) END AS mtbp_days,
  CAST(:as_of AS DATE) - since AS tenure_days,
  history.spend AS cltv,
  CAST(online AS DOUBLE PRECISION) / visits AS online_share,
  centres,
  COALESCE(team.members, 0) AS downline,
  band_1 / priced AS estimated_band_1_share,
  band_2 / priced AS estimated_band_2_share,
  band_3 / priced AS estimated_band_3_share,
  band_4 / priced AS estimated_band_4_share,
  CASE WHEN recent > 0 AND largest_recent = 1 THEN 1 ELSE 0 END AS single_product_buyer
FROM visits_of
JOIN pieces_of ON pieces_of.member_id = visits_of.member_id
JOIN history ON history.member_id = visits_of.member_id
LEFT JOIN team ON team.sponsor_id = visits_of.member_id
