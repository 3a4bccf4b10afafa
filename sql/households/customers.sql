-- One row per customer whose income, year of birth and day of enrolment can be believed. The day is a date,
-- or a text with the day or the year first; one that cannot be read is null, and ends no query. Texts may be
-- padded. Kinds of education and of marital status that are not known here pass as they are, so that the job
-- meets them.
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
)
SELECT
  customer_id,
  age,
  CASE
    WHEN age < :middle_age THEN 'young'
    WHEN age <= :senior_age THEN 'middle'
    ELSE 'senior'
  END AS age_group,
  CASE
    WHEN education IN ('Basic', '2n Cycle') THEN 'undergraduate'
    WHEN education = 'Graduation' THEN 'graduate'
    WHEN education IN ('Master', 'PhD') THEN 'postgraduate'
    ELSE education
  END AS education,
  CASE
    WHEN marital_status IN ('Married', 'Together') THEN 'couple'
    WHEN marital_status IN ('Single', 'Alone', 'Absurd', 'YOLO') THEN 'single'
    WHEN marital_status = 'Divorced' THEN 'divorced'
    WHEN marital_status = 'Widow' THEN 'widowed'
    ELSE marital_status
  END AS marital_status,
  income,
  children,
  teens,
  spend,
  purchases,
  recency_days,
  CAST(:as_of AS DATE) - enrolled AS tenure_days
FROM (
  SELECT
    id AS customer_id,
    EXTRACT(YEAR FROM CAST(:as_of AS DATE)) - year_birth AS age,
    TRIM(education) AS education,
    TRIM(marital_status) AS marital_status,
    income AS income,
    kidhome + teenhome AS children,
    teenhome AS teens,
    mntwines + mntfruits + mntmeatproducts + mntfishproducts + mntsweetproducts + mntgoldprods AS spend,
    numdealspurchases + numwebpurchases + numcatalogpurchases + numstorepurchases AS purchases,
    recency AS recency_days,
    enrolled
  FROM dated
) AS person
WHERE income <= :max_income
  AND age <= :max_age
  AND enrolled <= CAST(:as_of AS DATE)
