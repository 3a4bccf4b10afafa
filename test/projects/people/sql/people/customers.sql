SELECT id, income, education, family
FROM person
WHERE CAST(:as_of AS DATE) IS NOT NULL
