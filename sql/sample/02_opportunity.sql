-- Three years of opportunities, 2024 to 2026: won, lost and open ones, credits and merged deals
-- (won with an amount of zero or less), a few enormous deals, several products.

CREATE TABLE opportunity AS
WITH attempt AS (
  SELECT
    account_id,
    habit,
    number,
    account_id || '/' || number AS name,
    -- Attempts go back from the last active day, 75 days apart on average.
    last_active - ((number - uniform(account_id || '/' || number || '/jitter')) * 75)::INTEGER AS close_date
  FROM account, range(1, 15) AS t (number)
  UNION ALL
  SELECT account_id, habit, 0, account_id || '/return', returns_on FROM account WHERE returns_on IS NOT NULL
),
staged AS (
  SELECT
    *,
    uniform(name || '/stage') AS stage_draw,
    uniform(name || '/credit') AS credit_draw,
    CASE habit WHEN 'key' THEN 3900 WHEN 'active' THEN 620 WHEN 'lapsing' THEN 900 ELSE 1700 END
      * exp(0.4 * normal(name || '/amount')) AS amount_draw
  FROM attempt
  WHERE close_date BETWEEN DATE '2024-01-01' AND DATE '2026-12-31'
)
SELECT
  'O' || substr(md5(name), 1, 12) AS opportunity_id,
  account_id,
  ['Edge Router', 'Switch', 'Edge Router', 'Switch', 'Access Point', 'Support Plan']
    [1 + floor(uniform(name || '/product') * 6)::INTEGER] AS product,
  CASE
    WHEN number = 1 AND habit <> 'key' OR number = 0 THEN 'Closed Won'
    WHEN stage_draw < 0.66 THEN 'Closed Won'
    WHEN stage_draw < 0.90 THEN 'Closed Lost'
    ELSE 'Negotiation'
  END AS stage,
  round(
    CASE
      WHEN credit_draw < 0.02 THEN -0.3 * amount_draw
      WHEN credit_draw < 0.05 THEN 0
      WHEN habit = 'key' AND uniform(name || '/enormous') < 0.004 THEN 60 * amount_draw
      ELSE amount_draw
    END, 2)::DECIMAL(18, 2) AS amount,
  close_date - (20 + uniform(name || '/cycle') * 90)::INTEGER AS created_date,
  close_date
FROM staged
ORDER BY opportunity_id;

DROP MACRO normal;
DROP MACRO uniform;
