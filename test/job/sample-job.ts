/** A job file that uses most of what a job file may say, and has no mistake. */
export const sampleJob = `# yaml-language-server: $schema=../config/schema/job.schema.json
version: 1
job: opportunities
description: Current customers by recency and value of their won deals
owner: data-eng@example.com
source:
  connection: warehouse
  customer_id: account_id
  params: { window_days: 800, products: ["Edge Router", "Switch"] }
  columns:
    account_id: text
    recency_days: number
    deals: number
    value: money
checks:
  - { check: unique, columns: [account_id] }
  - { check: not_null, columns: [account_id, recency_days, value] }
  - { check: row_count, min: 1000, max_drop: 20% }
  - { check: removed, rule: non_positive_value, max_share: 40%, severity: warn }
outliers: { columns: [value], method: iqr, factor: 3, action: tag }
features:
  recency_days: { scale: winsor_zscore, weight: 2 }
  value: { transform: log1p, scale: winsor_zscore }
segments: { method: kmeans, k: 2, seed: 800, restarts: 20, refit: nightly }
labels:
  - { segment: abm, name: Account-based (ABM), campaign: account-based marketing, mandatory: true, prototype: { value: 95 } }
  - { segment: win_back, name: Win-back, mandatory: true, prototype: { recency_days: 85, value: 45 } }
  - { segment: key_account, name: Exceptional deal, campaign: account team, when: outlier }
guards:
  moved: { max: 10%, min_customers: 10, then: hold }
  segment_share: { min: 1%, max: 80%, then: hold }
  silhouette_sq: off
publish: { connection: crm, table: segment_tag, leavers: tombstone }
schedule: { cron: "0 2 * * *", timezone: Europe/Lisbon }
`;
