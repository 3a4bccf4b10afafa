-- 2,400 customers of a grocer, in the shape of a public table of households, with its warts at these
-- rates: the day of enrolment is a text, day first; 1 % have no income, one has 666,666; three were
-- born in the 1890s; a few say of their marital status what they like.

CREATE MACRO uniform(name) AS (md5_number_lower(name) >> 11)::DOUBLE / 9007199254740992;

CREATE MACRO normal(name) AS
  sqrt(-2 * ln(greatest(uniform(name || '/radius'), 1e-12))) * cos(2 * pi() * uniform(name || '/angle'));

CREATE TABLE household AS
WITH numbered AS (
  SELECT
    number,
    'household/' || number AS name,
    CASE WHEN uniform('family/' || number) < 0.72 THEN 1 + (uniform('second child/' || number) < 0.33)::INTEGER ELSE 0 END
      AS children,
    floor(21 + 60 * pow(uniform('age/' || number), 0.9))::INTEGER AS age
  FROM range(1, 2401) AS t (number)
),
-- Those without children have more, and spend a larger part of it.
person AS (
  SELECT
    *,
    CASE WHEN uniform(name || '/teen') < 0.55 THEN 1 ELSE 0 END * least(children, 1) AS teens,
    round(CASE WHEN children = 0 THEN 66000 ELSE 43000 END * exp(0.28 * normal(name || '/income')))::INTEGER AS earned,
    floor(730 * uniform(name || '/enrolled'))::INTEGER AS enrolled_days
  FROM numbered
),
basket AS (
  SELECT
    *,
    earned * CASE children WHEN 0 THEN 0.018 WHEN 1 THEN 0.007 ELSE 0.003 END * exp(0.45 * normal(name || '/spend')) AS spend
  FROM person
)
SELECT
  (10000 + number * 7)::INTEGER AS id,
  CASE WHEN number IN (300, 1300, 2300) THEN 1893 + number // 1000 ELSE 2026 - age END AS year_birth,
  CASE
    WHEN uniform(name || '/education') < 0.03 THEN 'Basic'
    WHEN uniform(name || '/education') < 0.12 THEN '2n Cycle'
    WHEN uniform(name || '/education') < 0.62 THEN 'Graduation'
    WHEN uniform(name || '/education') < 0.79 THEN 'Master'
    ELSE 'PhD'
  END AS education,
  CASE
    WHEN number IN (77, 777) THEN 'YOLO'
    WHEN number IN (88, 888) THEN 'Absurd'
    WHEN uniform(name || '/marital') < 0.39 THEN 'Married'
    WHEN uniform(name || '/marital') < 0.65 THEN 'Together'
    WHEN uniform(name || '/marital') < 0.86 THEN 'Single'
    WHEN age > 60 AND uniform(name || '/marital') < 0.93 THEN 'Widow'
    ELSE 'Divorced'
  END AS marital_status,
  CASE
    WHEN number = 1234 THEN 666666
    WHEN uniform(name || '/no income') >= 0.01 THEN earned
  END AS income,
  children - teens AS kidhome,
  teens AS teenhome,
  strftime(DATE '2026-06-30' - enrolled_days, '%d-%m-%Y') AS dt_customer,
  floor(100 * uniform(name || '/recency'))::INTEGER AS recency,
  round(0.50 * spend)::INTEGER AS mntwines,
  round(0.04 * spend * 2 * uniform(name || '/fruit'))::INTEGER AS mntfruits,
  round(0.27 * spend)::INTEGER AS mntmeatproducts,
  round(0.06 * spend * 2 * uniform(name || '/fish'))::INTEGER AS mntfishproducts,
  round(0.04 * spend * 2 * uniform(name || '/sweets'))::INTEGER AS mntsweetproducts,
  round(0.07 * spend * 2 * uniform(name || '/gold'))::INTEGER AS mntgoldprods,
  (1 + floor(3 * uniform(name || '/deals') * least(children + 0.4, 1.5)))::INTEGER AS numdealspurchases,
  (1 + floor(7 * uniform(name || '/web') * least(spend / 500, 1.3)))::INTEGER AS numwebpurchases,
  floor(7 * uniform(name || '/catalogue') * least(spend / 900, 1.3))::INTEGER AS numcatalogpurchases,
  (2 + floor(8 * uniform(name || '/store') * least(spend / 500, 1.3)))::INTEGER AS numstorepurchases
FROM basket
ORDER BY id;

DROP MACRO normal;
DROP MACRO uniform;
