-- 3,000 customers of a wholesaler of gifts, in the shape of a shop's invoice lines, July 2024 to
-- December 2026, with the warts of such exports at these rates:
--   8 % of the invoices have no customer, 3 % are cancelled some days later (number C…, negative
--   quantities), 1 % of the lines stand there twice, 0.4 % have no price, 20 % of the invoices carry
--   postage (POST), a few corrections of the books are no sale (A…), and one order of 70,000 pieces
--   is cancelled 12 minutes later.

CREATE MACRO uniform(name) AS (md5_number_lower(name) >> 11)::DOUBLE / 9007199254740992;

CREATE TABLE invoice_line AS
WITH customer AS (
  SELECT
    number,
    (20000 + number)::VARCHAR AS customer_id,
    CASE
      WHEN uniform('buys/' || number) < 0.04 THEN 'wholesale'
      WHEN uniform('buys/' || number) < 0.30 THEN 'regular'
      WHEN uniform('buys/' || number) < 0.65 THEN 'occasional'
      ELSE 'once'
    END AS habit,
    ['United Kingdom', 'United Kingdom', 'United Kingdom', 'Germany', 'France', 'Portugal']
      [1 + floor(uniform('country/' || number) * 6)::INTEGER] AS country,
    -- One in four takes whole boxes where others take pieces.
    CASE WHEN uniform('boxes/' || number) < 0.25 THEN 6 ELSE 1 END AS box,
    -- Days before 2026-06-30 of the newest visit up to then; the loyal are recent.
    floor(700 * pow(uniform('newest/' || number), 2.2))::INTEGER AS newest,
  FROM range(1, 3001) AS t (number)
),
-- Visits go back from the newest one, and on from it: the sample goes on after its pinned date.
visit AS (
  SELECT
    customer.*,
    visit,
    'visit/' || number || '/' || visit AS name,
    DATE '2026-06-30' - newest - (visit - 1 + 0.6 * (uniform('visit/' || number || '/' || visit) - 0.5))::DOUBLE
      * CASE habit WHEN 'wholesale' THEN 14 WHEN 'regular' THEN 38 ELSE 95 END * INTERVAL 1 DAY AS day
  FROM customer, range(-8, 25) AS v (visit)
  WHERE visit <= CASE habit WHEN 'wholesale' THEN 24 WHEN 'regular' THEN 14 WHEN 'occasional' THEN 4 ELSE 1 END
    AND (visit >= 1 OR habit IN ('wholesale', 'regular'))
),
-- Shops are open from 7 to 19 o'clock, not on Saturdays; a gift shop sells most in autumn.
invoice AS (
  SELECT
    *,
    (500000 + row_number() OVER (ORDER BY day, number, visit))::VARCHAR AS invoice_no,
    date_trunc('day', day) + to_minutes(420 + floor(360 * (uniform(name || '/hour') + uniform(name || '/minute')))::INTEGER)
      AS invoiced_at
  FROM visit
  WHERE day >= DATE '2024-07-01' AND day < DATE '2027-01-01'
    AND dayofweek(day) <> 6
    AND (month(day) >= 9 OR uniform(name || '/season') < 0.75)
),
line AS (
  SELECT
    invoice_no,
    invoiced_at,
    CASE WHEN uniform(name || '/guest') >= 0.08 THEN customer_id END AS customer_id,
    country,
    habit,
    box,
    name,
    name || '/' || line AS line_name,
    -- Products are bought in families of ten, and the first of a family most.
    10 * floor(40 * pow(uniform(name || '/family'), 1.6))::INTEGER
      + floor(10 * pow(uniform(name || '/' || line || '/product'), 1.8))::INTEGER AS product
  FROM invoice, range(1, 13) AS l (line)
  WHERE line <= 1 + floor(11 * pow(uniform(name || '/lines'), 1.4))
),
sale AS (
  SELECT
    invoice_no,
    (21000 + product)::VARCHAR || CASE WHEN product % 10 = 3 THEN 'B' ELSE '' END AS stock_code,
    ['RED', 'BLUE', 'VINTAGE', 'WOODEN', 'SMALL'][1 + product % 5] || ' '
      || ['LANTERN', 'TEA TOWEL', 'CAKE STAND', 'PHOTO FRAME', 'JAM JAR', 'LUNCH BOX', 'HEART', 'BIRDIE'][1 + product % 8]
      || ' ' || product AS description,
    (1 + floor(uniform(line_name || '/quantity') * 11)) * CASE habit WHEN 'wholesale' THEN 24 ELSE box END AS quantity,
    invoiced_at,
    CASE WHEN uniform(line_name || '/free') < 0.004 THEN 0
      ELSE round(0.4 + 9.5 * pow(uniform('price/' || product), 2), 3) END AS unit_price,
    customer_id,
    country,
    name,
    line_name
  FROM line
  -- A product stands on an invoice once.
  QUALIFY row_number() OVER (PARTITION BY invoice_no, product ORDER BY line_name) = 1
),
every_line AS (
  SELECT invoice_no, stock_code, description, quantity, invoiced_at, unit_price, customer_id, country FROM sale
  UNION ALL
  SELECT invoice_no, stock_code, description, quantity, invoiced_at, unit_price, customer_id, country
  FROM sale WHERE uniform(line_name || '/twice') < 0.01
  UNION ALL
  SELECT 'C' || invoice_no, stock_code, description, -quantity,
    invoiced_at + to_minutes(60 + floor(20000 * uniform(name || '/returned'))::INTEGER), unit_price, customer_id, country
  FROM sale WHERE uniform(name || '/cancelled') < 0.03
  UNION ALL
  SELECT DISTINCT invoice_no, 'POST', 'POSTAGE', 1, invoiced_at, 4.95, customer_id, country
  FROM sale WHERE uniform(name || '/postage') < 0.20
  UNION ALL
  SELECT 'A' || (900000 + number)::VARCHAR, 'B', 'Adjust bad debt', 1, TIMESTAMP '2026-03-02 14:50:00' + to_days(number::INTEGER),
    CASE WHEN number = 0 THEN 11062.06 ELSE -11062.06 END, NULL, 'United Kingdom'
  FROM range(0, 3) AS a (number)
  UNION ALL
  SELECT prefix || '990001', '21003B', 'WOODEN PHOTO FRAME 3', amount, moment, 1.04, '20042', 'United Kingdom'
  FROM (VALUES ('', 70000, TIMESTAMP '2026-05-11 10:01:00'), ('C', -70000, TIMESTAMP '2026-05-11 10:13:00')) AS mistake (prefix, amount, moment)
)
SELECT
  invoice_no,
  stock_code,
  description,
  quantity::INTEGER AS quantity,
  invoiced_at AS invoice_date,
  unit_price::DECIMAL(12, 3) AS unit_price,
  customer_id,
  country
FROM every_line
WHERE invoiced_at < TIMESTAMP '2027-01-01'
ORDER BY invoice_date, invoice_no, stock_code, quantity;

DROP MACRO uniform;
