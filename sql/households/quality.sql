-- Customers that customers.sql leaves out, and why; each counts for the first reason that fits. Days are
-- read as there; a second number above 12 is no month, so it is a day, and the month stands first.
WITH written AS (
  SELECT *, TRANSLATE(SPLIT_PART(TRIM(CAST(dt_customer AS VARCHAR)), ' ', 1), '/.', '--') AS written_day
  FROM household
),
turned AS (
  SELECT *, REGEXP_REPLACE(written_day, '^([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})$', '\3-\2-\1') AS year_first
  FROM written
),
numbers AS (
  SELECT
    *,
    CASE WHEN readable THEN CAST(SPLIT_PART(year_first, '-', 2) AS INTEGER) END AS month_number,
    CASE WHEN readable THEN CAST(SPLIT_PART(year_first, '-', 3) AS INTEGER) END AS day_number,
    -- A 13th month is held to be the 12th for now, so that it ends no query.
    CASE WHEN readable
      THEN MAKE_DATE(CAST(SPLIT_PART(year_first, '-', 1) AS INTEGER), LEAST(CAST(SPLIT_PART(year_first, '-', 2) AS INTEGER), 12), 1)
        + (CAST(SPLIT_PART(year_first, '-', 3) AS INTEGER) - 1)
    END AS counted_day
  FROM (
    SELECT *, year_first ~ '^[12][0-9]{3}-(0?[1-9]|[1-9][0-9])-[0-9]{1,2}$' AS readable
    FROM turned
  ) AS known
),
dated AS (
  SELECT *, CASE WHEN EXTRACT(MONTH FROM counted_day) = month_number THEN counted_day END AS enrolled
  FROM numbers
),
person AS (
  SELECT
    CASE
      WHEN enrolled IS NULL AND year_first <> written_day AND month_number > 12 AND day_number BETWEEN 1 AND 12
        THEN 'month_first_date'
      WHEN enrolled IS NULL THEN 'unreadable_date'
      WHEN enrolled > CAST(:as_of AS DATE) THEN 'later_than_as_of'
      WHEN income IS NULL THEN 'no_income'
      WHEN income > :max_income THEN 'income_too_high'
      WHEN EXTRACT(YEAR FROM CAST(:as_of AS DATE)) - year_birth > :max_age THEN 'too_old'
    END AS rule
  FROM dated
),
rules AS (
  SELECT 'month_first_date' AS rule
  UNION ALL SELECT 'unreadable_date'
  UNION ALL SELECT 'later_than_as_of'
  UNION ALL SELECT 'no_income'
  UNION ALL SELECT 'income_too_high'
  UNION ALL SELECT 'too_old'
)
SELECT
  rules.rule,
  (SELECT COUNT(*) FROM person) AS rows_in,
  (SELECT COUNT(*) FROM person WHERE person.rule = rules.rule) AS rows_removed
FROM rules
ORDER BY rule
