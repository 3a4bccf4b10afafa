-- Customers that customers.sql leaves out, and why; each counts for the first reason that fits.
WITH person AS (
  SELECT
    CASE
      WHEN income IS NULL THEN 'no_income'
      WHEN income > :max_income THEN 'income_too_high'
      WHEN EXTRACT(YEAR FROM CAST(:as_of AS DATE)) - year_birth > :max_age THEN 'too_old'
    END AS rule
  FROM household
),
rules AS (
  SELECT 'no_income' AS rule
  UNION ALL SELECT 'income_too_high'
  UNION ALL SELECT 'too_old'
)
SELECT
  rules.rule,
  (SELECT COUNT(*) FROM person) AS rows_in,
  (SELECT COUNT(*) FROM person WHERE person.rule = rules.rule) AS rows_removed
FROM rules
ORDER BY rule
