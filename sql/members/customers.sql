-- One row per member with a sound transaction in the window that ends on as_of. Prices per product are not
-- known: they are estimated as the median of what baskets of that one product came to, per piece.
-- Each part reads the table anew, which costs less than to keep its rows, and asks for times rather than days,
-- so that blocks of other times can be passed over.
WITH sale AS NOT MATERIALIZED (
  SELECT member_id, bought_at, total_amt, centre, channel, product_json
  FROM sales_transaction
  WHERE total_amt > 0
    AND bought_at >= CAST(:complete_from AS DATE)
    AND bought_at < CAST(:as_of AS DATE) + 1
),
-- Baskets repeat: each text is parsed once, and its totals are counted.
repeated AS MATERIALIZED (
  SELECT product_json, total_amt, COUNT(*) AS times FROM sale GROUP BY product_json, total_amt
),
parsed AS (
  SELECT
    product_json,
    CASE WHEN json_valid(product_json) THEN TRY_CAST(CAST(product_json AS JSON) AS MAP(VARCHAR, DOUBLE)) END AS products
  FROM (SELECT product_json FROM repeated GROUP BY product_json) AS text
),
content AS MATERIALIZED (
  SELECT product_json, products, cardinality(products) AS product_count
  FROM parsed
  WHERE cardinality(products) > 0
    AND len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) = 0
),
single AS (
  SELECT
    map_keys(products)[1] AS product,
    CAST(total_amt AS DOUBLE PRECISION) / map_values(products)[1] AS price,
    times
  FROM repeated
  JOIN content ON content.product_json = repeated.product_json
  WHERE product_count = 1
),
-- The median is the mean of the two prices in the middle, which are one where the number of baskets is odd.
price AS (
  SELECT product, NTILE(4) OVER (ORDER BY median_price, product) AS band
  FROM (
    SELECT
      product,
      (MIN(CASE WHEN 2 * up_to >= baskets THEN price END) + MIN(CASE WHEN 2 * up_to > baskets THEN price END)) / 2
        AS median_price
    FROM (
      SELECT
        product,
        price,
        SUM(times) OVER (PARTITION BY product ORDER BY price) AS up_to,
        SUM(times) OVER (PARTITION BY product) AS baskets
      FROM single
    ) AS counted
    GROUP BY product
  ) AS estimated
),
banded AS MATERIALIZED (
  SELECT
    product_json,
    product_count,
    SUM(pieces) AS units,
    SUM(CASE WHEN band IS NOT NULL THEN pieces END) AS priced,
    SUM(CASE WHEN band = 1 THEN pieces ELSE 0 END) AS band_1,
    SUM(CASE WHEN band = 2 THEN pieces ELSE 0 END) AS band_2,
    SUM(CASE WHEN band = 3 THEN pieces ELSE 0 END) AS band_3,
    SUM(CASE WHEN band = 4 THEN pieces ELSE 0 END) AS band_4
  FROM (
    SELECT product_json, product_count, UNNEST(map_keys(products)) AS product, UNNEST(map_values(products)) AS pieces
    FROM content
  ) AS item
  LEFT JOIN price ON price.product = item.product
  GROUP BY product_json, product_count
),
visits_of AS MATERIALIZED (
  SELECT
    member_id,
    COUNT(*) AS visits,
    SUM(total_amt) AS spend,
    CAST(MIN(bought_at) AS DATE) AS first_day,
    CAST(MAX(bought_at) AS DATE) AS last_day,
    SUM(CASE WHEN channel = 'online' THEN 1 ELSE 0 END) AS online,
    COUNT(DISTINCT centre) AS centres,
    MAX(CASE WHEN bought_at >= CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER) + 1 THEN product_count END)
      AS largest_recent,
    SUM(units) AS units,
    SUM(priced) AS priced,
    SUM(band_1) AS band_1,
    SUM(band_2) AS band_2,
    SUM(band_3) AS band_3,
    SUM(band_4) AS band_4
  FROM sale
  JOIN banded ON banded.product_json = sale.product_json
  WHERE bought_at >= CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER) + 1
  GROUP BY member_id
),
-- Joins to what is asked for and nothing else: the planner counts columns when it chooses the side to keep in memory.
history AS (
  SELECT sale.member_id, CAST(MIN(bought_at) AS DATE) AS since, SUM(total_amt) AS spend
  FROM sale
  JOIN (SELECT member_id FROM visits_of) AS buyer ON buyer.member_id = sale.member_id
  JOIN (SELECT product_json FROM content) AS sound ON sound.product_json = sale.product_json
  GROUP BY sale.member_id
),
team AS (
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
  CASE WHEN largest_recent = 1 THEN 1 ELSE 0 END AS single_product_buyer
FROM visits_of
JOIN history ON history.member_id = visits_of.member_id
LEFT JOIN team ON team.sponsor_id = visits_of.member_id
