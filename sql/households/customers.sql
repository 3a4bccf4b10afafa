-- One row per customer whose income and year of birth can be believed. The day of enrolment is a date,
-- or a text with the year first or last; texts may be padded. Kinds of education and of marital status
-- that are not known here pass as they are, so that the job meets them.
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
    CAST(
      CASE WHEN SUBSTR(TRIM(CAST(dt_customer AS VARCHAR)), 3, 1) = '-'
        THEN CONCAT(
          SUBSTR(TRIM(CAST(dt_customer AS VARCHAR)), 7, 4),
          SUBSTR(TRIM(CAST(dt_customer AS VARCHAR)), 3, 4),
          SUBSTR(TRIM(CAST(dt_customer AS VARCHAR)), 1, 2)
        )
        ELSE TRIM(CAST(dt_customer AS VARCHAR))
      END AS DATE
    ) AS enrolled
  FROM household
) AS person
WHERE income <= :max_income
  AND age <= :max_age
  AND enrolled <= CAST(:as_of AS DATE)
