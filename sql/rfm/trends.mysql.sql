-- trends.sql for MySQL and MariaDB.
WITH invoice AS (
  SELECT
    invoice_no,
    MIN(invoice_date) AS invoiced_at,
    SUM(quantity * unit_price) AS revenue
  FROM invoice_line
  WHERE customer_id IS NOT NULL
    AND quantity > 0
    AND unit_price > 0
    AND CAST(invoice_date AS DATE) > CAST(:as_of AS DATE) - INTERVAL CAST(:window_days AS SIGNED) DAY
    AND CAST(invoice_date AS DATE) <= CAST(:as_of AS DATE)
  GROUP BY invoice_no
),
dated AS (
  SELECT
    revenue,
    CAST(invoiced_at AS DATE) AS invoice_day,
    EXTRACT(YEAR FROM invoiced_at) AS invoice_year,
    EXTRACT(MONTH FROM invoiced_at) AS invoice_month,
    EXTRACT(HOUR FROM invoiced_at) AS invoice_hour
  FROM invoice
),
timed AS (
  SELECT
    revenue,
    CASE WEEKDAY(invoice_day)
      WHEN 0 THEN '1 Monday'
      WHEN 1 THEN '2 Tuesday'
      WHEN 2 THEN '3 Wednesday'
      WHEN 3 THEN '4 Thursday'
      WHEN 4 THEN '5 Friday'
      WHEN 5 THEN '6 Saturday'
      ELSE '7 Sunday'
    END AS weekday,
    LPAD(CAST(invoice_hour AS CHAR(2)), 2, '0') AS clock_hour
  FROM dated
),
labelled AS (
  SELECT 'month' AS grain, CONCAT(CAST(invoice_year AS CHAR(4)), '-', LPAD(CAST(invoice_month AS CHAR(2)), 2, '0')) AS period, revenue FROM dated
  UNION ALL
  SELECT 'season' AS grain, CONCAT(CAST(CASE WHEN invoice_month = 12 THEN invoice_year + 1 ELSE invoice_year END AS CHAR(4)), CASE
      WHEN invoice_month IN (12, 1, 2) THEN ' 1 winter'
      WHEN invoice_month <= 5 THEN ' 2 spring'
      WHEN invoice_month <= 8 THEN ' 3 summer'
      ELSE ' 4 autumn'
    END) AS period, revenue FROM dated
  UNION ALL
  SELECT 'weekday' AS grain, weekday AS period, revenue FROM timed
  UNION ALL
  SELECT 'hour' AS grain, clock_hour AS period, revenue FROM timed
  UNION ALL
  SELECT 'weekday_hour' AS grain, CONCAT(weekday, ' ', clock_hour) AS period, revenue FROM timed
  UNION ALL
  SELECT 'day' AS grain, CAST(invoice_day AS CHAR(10)) AS period, revenue FROM dated WHERE invoice_day > CAST(:as_of AS DATE) - INTERVAL 90 DAY
)
SELECT grain, period, COUNT(*) AS invoices, SUM(revenue) AS revenue
FROM labelled
GROUP BY grain, period
ORDER BY grain, period
