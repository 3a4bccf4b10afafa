-- 4,200 business customers of a maker of network equipment, in the shape of a Salesforce export.
-- Every random-looking number comes from the MD5 of a name, so each build gives the same rows.

CREATE MACRO uniform(name) AS (md5_number_lower(name) >> 11)::DOUBLE / 9007199254740992;

-- Box-Muller: two uniform numbers make one standard normal number.
CREATE MACRO normal(name) AS
  sqrt(-2 * ln(greatest(uniform(name || '/radius'), 1e-12))) * cos(2 * pi() * uniform(name || '/angle'));

CREATE TABLE account AS
WITH numbered AS (
  SELECT
    number,
    'A' || lpad(number::VARCHAR, 6, '0') AS account_id,
    uniform('habit/' || number) AS habit,
    uniform('recency/' || number) AS recency
  FROM range(1, 4201) AS t (number)
)
SELECT
  account_id,
  ['Alder', 'Birch', 'Cedar', 'Elm', 'Hazel', 'Juniper', 'Larch', 'Maple', 'O''Oak', 'Rowan'][1 + number % 10]
    || ' ' || ['Systems', 'Logistics', 'Health', 'Foods', 'Energy', 'Média'][1 + number % 6]
    || ' ' || number AS account_name,
  ['Manufacturing', 'Retail', 'Health care', 'Public sector', 'Finance'][1 + number % 5] AS industry,
  ['Iberia', 'DACH', 'Nordics', 'Benelux'][1 + number % 4] AS region,
  -- How the account buys: key accounts spend much, the others differ by when they last bought.
  CASE
    WHEN habit < 0.30 THEN 'key'
    WHEN habit < 0.56 THEN 'active'
    WHEN habit < 0.80 THEN 'lapsing'
    ELSE 'gone'
  END AS habit,
  -- The last day on which it buys; after it the account is silent.
  CASE
    WHEN habit < 0.56 THEN DATE '2027-01-15' - (uniform('drift/' || number) * 60)::INTEGER
    WHEN habit < 0.80 THEN DATE '2026-06-30' - (300 + recency * 190)::INTEGER
    ELSE DATE '2026-06-30' - (590 + recency * 190)::INTEGER
  END AS last_active,
  -- A few silent accounts come back after the pinned date of the sample.
  CASE WHEN habit >= 0.56 AND uniform('return/' || number) < 0.12
    THEN DATE '2026-07-01' + (uniform('return day/' || number) * 180)::INTEGER
  END AS returns_on
FROM numbered;
