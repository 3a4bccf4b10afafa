-- Transactions of a distributor of health products that sells through its members, 2021 to 2026, with a
-- JSON text per basket and no prices per product. How many members is in the variable `members` (4,000
-- unless it is set; 578,000 make 2 million transactions, 707,000 make 2.4). Warts, at these rates:
--   0.5 % of the totals and 0.7 % of the baskets are null, 1 % of the totals are zero, 0.4 % of the baskets
--   are cut off, 0.4 % have a quantity that is no whole number, 2021 lacks June to December, 0.3 % of the
--   transactions stand in the future or in 1899, 19 % of the members have no join date and 1 % one in 1899,
--   and 9 % of the transactions were paid at the counter (paid_amt).

CREATE MACRO uniform(name) AS (md5_number_lower(name) >> 11)::DOUBLE / 9007199254740992;

CREATE TABLE member AS
SELECT
  'M' || lpad(number::VARCHAR, 7, '0') AS member_id,
  CASE
    WHEN uniform('joined/' || number) < 0.19 THEN NULL
    WHEN uniform('joined/' || number) < 0.20 THEN DATE '1899-12-30'
    ELSE DATE '2021-01-01' + (pow(uniform('join day/' || number), 0.8) * 1900)::INTEGER
  END AS join_date,
  CASE WHEN number > 10 THEN 'M' || lpad((1 + floor(pow(uniform('sponsor/' || number), 3) * (number - 1)))::INTEGER::VARCHAR, 7, '0') END
    AS sponsor_id
FROM range(1, coalesce(getvariable('members'), 4000) + 1) AS t (number);

CREATE TABLE sales_transaction AS
WITH numbered AS (
  SELECT
    number,
    -- A few build a business, some come back now and then, most tried it.
    CASE
      WHEN uniform('sells/' || number) < 0.03 THEN 'business'
      WHEN uniform('sells/' || number) < 0.35 THEN 'repeat'
      ELSE 'trial'
    END AS habit,
    uniform('first/' || number) AS first_draw,
    1 + floor(uniform('centre/' || number) * 24)::INTEGER AS centre
  FROM range(1, coalesce(getvariable('members'), 4000) + 1) AS t (number)
),
habit AS (
  SELECT
    *,
    CASE habit
      WHEN 'business' THEN 20 + floor(uniform('visits/' || number) * 40)
      WHEN 'repeat' THEN 3 + floor(uniform('visits/' || number) * 8)
      ELSE 1 + floor(uniform('visits/' || number) * 1.25)
    END::INTEGER AS visits
  FROM numbered
),
bought AS (
  SELECT
    habit.*,
    visit,
    number || '/' || visit AS name,
    TIMESTAMP '2021-01-04 09:00:00' + to_minutes((2880 * 1000 * first_draw
      + (visit - 1 + 0.5 * uniform(number || '/' || visit || '/pause')) * 1440
      * CASE habit WHEN 'business' THEN 21 WHEN 'repeat' THEN 75 ELSE 160 END)::INTEGER) AS bought_at
  FROM habit, range(1, visits + 1) AS v (visit)
),
basket AS (
  SELECT
    *,
    -- Two of three baskets hold one product.
    CASE WHEN uniform(name || '/size') < 0.66 THEN 1 ELSE 2 + floor(uniform(name || '/more') * 3)::INTEGER END AS products,
    floor(60 * pow(uniform(name || '/product'), 1.8))::INTEGER AS product,
    (1 + floor(uniform(name || '/quantity') * CASE habit WHEN 'business' THEN 6 ELSE 2 END))::INTEGER AS quantity
  FROM bought
  WHERE bought_at < TIMESTAMP '2026-12-31 20:00:00'
    AND NOT (year(bought_at) = 2021 AND month(bought_at) >= 6)
),
item AS (
  -- The second product goes with the first one; the others are next to it in the catalogue.
  SELECT name, (product + 7 * step) % 60 AS product, quantity
  FROM basket, range(0, 4) AS s (step)
  WHERE step < products
),
priced AS (
  SELECT
    name,
    '{' || string_agg('"SKU' || lpad(product::VARCHAR, 3, '0') || '": ' || quantity, ', ' ORDER BY product) || '}' AS product_json,
    sum(quantity * round(8 + 190 * pow(uniform('price/' || product), 2)))::DECIMAL(12, 2) AS total
  FROM item
  GROUP BY name
)
SELECT
  'T' || substr(md5(name), 1, 16) AS transaction_id,
  'M' || lpad(number::VARCHAR, 7, '0') AS member_id,
  CASE
    WHEN uniform(name || '/date') < 0.0015 THEN TIMESTAMP '1899-12-30 00:00:00'
    WHEN uniform(name || '/date') < 0.003 THEN TIMESTAMP '2062-01-01 00:00:00'
    ELSE bought_at
  END AS bought_at,
  CASE
    WHEN uniform(name || '/basket') < 0.007 THEN NULL
    WHEN uniform(name || '/basket') < 0.011 THEN left(product_json, -2)
    WHEN uniform(name || '/basket') < 0.013 THEN replace(product_json, '": ', '": 0.')
    WHEN uniform(name || '/basket') < 0.015 THEN regexp_replace(product_json, '": [0-9]+', '": "some"')
    ELSE product_json
  END AS product_json,
  CASE
    WHEN uniform(name || '/no total') < 0.005 THEN NULL
    WHEN uniform(name || '/no total') < 0.015 THEN 0
    ELSE total
  END AS total_amt,
  CASE WHEN uniform(name || '/paid') < 0.09 THEN total ELSE 0 END AS paid_amt,
  CASE WHEN uniform(name || '/discount') < 0.15 THEN round(total * 0.1, 2)::DECIMAL(12, 2) ELSE 0 END AS discount,
  'C' || lpad(CASE WHEN uniform(name || '/elsewhere') < 0.1 THEN 1 + centre % 24 ELSE centre END::VARCHAR, 2, '0') AS centre,
  CASE WHEN uniform(name || '/channel') < 0.35 THEN 'online' ELSE 'centre' END AS channel
FROM basket
JOIN priced USING (name);

DROP MACRO uniform;
