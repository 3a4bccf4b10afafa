-- One row per member with a sound transaction in the window that ends on as_of. Prices per product are not
-- known: they are estimated as the median of what baskets of that one product came to, per piece.
WITH sale AS MATERIALIZED (
  SELECT member_id, CAST(bought_at AS DATE) AS bought_on, total_amt, centre, channel, product_json
  FROM sales_transaction
  WHERE total_amt > 0
    AND CAST(bought_at AS DATE) >= CAST(:complete_from AS DATE)
    AND CAST(bought_at AS DATE) <= CAST(:as_of AS DATE)
),
-- Baskets repeat, so each text is parsed once; without the number, it would be before the repeats are gone.
text AS (
  SELECT ROW_NUMBER() OVER () AS content_id, product_json
  FROM (SELECT DISTINCT product_json FROM sale) AS each
),
parsed AS (
  SELECT
    content_id,
    product_json,
    CASE WHEN json_valid(product_json) THEN TRY_CAST(CAST(product_json AS JSON) AS MAP(VARCHAR, DOUBLE)) END AS products
  FROM text
),
content AS MATERIALIZED (
  SELECT content_id, product_json, products, cardinality(products) AS product_count
  FROM parsed
  WHERE cardinality(products) > 0
    AND len(list_filter(map_values(products), lambda pieces: pieces IS NULL OR pieces <= 0 OR pieces <> floor(pieces))) = 0
),
basket AS MATERIALIZED (
  SELECT member_id, bought_on, total_amt, centre, channel, content_id
  FROM sale
  JOIN content ON content.product_json = sale.product_json
),
price AS (
  SELECT product, NTILE(4) OVER (ORDER BY median_price, product) AS band
  FROM (
    SELECT
      product,
      PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY CAST(total_amt AS DOUBLE PRECISION) / pieces) AS median_price
    FROM basket
    JOIN (
      SELECT content_id, map_keys(products)[1] AS product, map_values(products)[1] AS pieces
      FROM content
      WHERE product_count = 1
    ) AS single ON single.content_id = basket.content_id
    GROUP BY product
  ) AS estimated
),
banded AS (
  SELECT
    content_id,
    product_count,
    SUM(pieces) AS units,
    SUM(CASE WHEN band IS NOT NULL THEN pieces END) AS priced,
    SUM(CASE WHEN band = 1 THEN pieces ELSE 0 END) AS band_1,
    SUM(CASE WHEN band = 2 THEN pieces ELSE 0 END) AS band_2,
    SUM(CASE WHEN band = 3 THEN pieces ELSE 0 END) AS band_3,
    SUM(CASE WHEN band = 4 THEN pieces ELSE 0 END) AS band_4
  FROM (
    SELECT content_id, product_count, UNNEST(map_keys(products)) AS product, UNNEST(map_values(products)) AS pieces
    FROM content
  ) AS item
  LEFT JOIN price ON price.product = item.product
  GROUP BY content_id, product_count
),
visits_of AS MATERIALIZED (
  SELECT
    member_id,
    COUNT(*) AS visits,
    SUM(total_amt) AS spend,
    MIN(bought_on) AS first_day,
    MAX(bought_on) AS last_day,
    SUM(CASE WHEN channel = 'online' THEN 1 ELSE 0 END) AS online,
    SUM(CASE WHEN bought_on > CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER) THEN 1 ELSE 0 END) AS recent,
    MAX(CASE WHEN bought_on > CAST(:as_of AS DATE) - CAST(:recent_days AS INTEGER) THEN product_count END)
      AS largest_recent,
    SUM(units) AS units,
    SUM(priced) AS priced,
    SUM(band_1) AS band_1,
    SUM(band_2) AS band_2,
    SUM(band_3) AS band_3,
    SUM(band_4) AS band_4
  FROM basket
  JOIN banded ON banded.content_id = basket.content_id
  WHERE bought_on > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
  GROUP BY member_id
),
history AS (
  SELECT member_id, MIN(bought_on) AS since, SUM(total_amt) AS spend
  FROM basket
  WHERE member_id IN (SELECT member_id FROM visits_of)
  GROUP BY member_id
),
centres_of AS (
  SELECT member_id, COUNT(centre) AS centres
  FROM (
    SELECT DISTINCT member_id, centre FROM basket
    WHERE bought_on > CAST(:as_of AS DATE) - CAST(:window_days AS INTEGER)
  ) AS visited
  GROUP BY member_id
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
  CASE WHEN recent > 0 AND largest_recent = 1 THEN 1 ELSE 0 END AS single_product_buyer
FROM visits_of
JOIN centres_of ON centres_of.member_id = visits_of.member_id
JOIN history ON history.member_id = visits_of.member_id
LEFT JOIN team ON team.sponsor_id = visits_of.member_id
