import * as z from 'zod';
import { labelConditionField, rowPredicateField } from './expression/field.ts';
import { consumers, notification } from './notify-schema.ts';
import { rfmSegments } from './rfm/schema.ts';
import { ruleTag, rulesSegments } from './rules/schema.ts';
import { columnName, refit, slug } from './schema-parts.ts';

/** `10%` in the file, 0.1 in memory. */
const share = z
  .string('must be a percentage such as 10%')
  .regex(/^\d+(\.\d+)?%$/, 'must be a percentage such as 10%')
  .transform((text) => Number(text.slice(0, -1)) / 100);

const count = z.int().min(0);
const positive = z.number().positive();

const parameter = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number()])).min(1, 'an empty list matches nothing; give at least one value'),
]);

/** What a column of customers.sql must be. `money` is a number that SQL summed as DECIMAL. */
export const columnTypes = ['text', 'number', 'money', 'date', 'timestamp', 'boolean'] as const;

const source = z.strictObject({
  connection: z.string().default('warehouse').describe('A connection of the target in config/connections.yaml'),
  customer_id: columnName.describe('The column of customers.sql that identifies a customer'),
  params: z.record(slug, parameter).default({}).describe('Values bound to :name in the SQL'),
  identifiers: z
    .record(slug, z.string())
    .default({})
    .describe('Names, such as a schema, put in place of :name: in the SQL'),
  columns: z
    .record(columnName, z.enum(columnTypes))
    .optional()
    .describe('The contract: columns that customers.sql must return'),
  max_invalid: z
    .union([count.transform((count) => ({ count })), share.transform((share) => ({ share }))])
    .prefault(0)
    .describe(
      'Customers with a null, empty or repeated id that are tolerated: a number of rows, or a percentage of them',
    ),
  timeout_seconds: positive.default(3600).describe('Time limit of each query'),
});

const threshold = z
  .string('must be a comparison with the number or share of failures, such as > 10 or > 1%')
  .regex(
    /^(>=|>|<=|<|=|!=)\s*\d+(\.\d+)?%?$/,
    'must be a comparison with the number or share of failures, such as > 10 or > 1%',
  );

const checkOutcome = {
  severity: z.enum(['error', 'warn']).default('error').describe('error stops the run; warn is only reported'),
  message: z.string().min(1).optional().describe('A sentence that is shown when it fails: what it means, what to do'),
};
const checkCommon = {
  ...checkOutcome,
  warn_if: threshold.optional().describe('Failures that make a warning; default > 0'),
  error_if: threshold.optional().describe('Failures that make an error; default > 0'),
};
const columnsOfCheck = z.array(columnName).min(1).describe('Columns of customers.sql');

const check = z.discriminatedUnion('check', [
  z.strictObject({
    check: z.literal('unique').describe('No two customers have the same values in these columns'),
    columns: columnsOfCheck,
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('not_null').describe('None of these columns is null'),
    columns: columnsOfCheck,
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('row_count').describe('How many customers are read'),
    min: count.default(1).describe('The least that may be read'),
    max: count.optional().describe('The most that may be read'),
    max_drop: share.optional().describe('Against the median of the last successful runs'),
    ...checkOutcome,
  }),
  z.strictObject({
    check: z.literal('range').describe('Every value of these columns lies between min and max'),
    columns: columnsOfCheck,
    min: z.number().optional().describe('The least value'),
    max: z.number().optional().describe('The greatest value'),
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('freshness').describe('The newest date or time of a column is not too old'),
    column: columnName.describe('A column of customers.sql that holds dates or times'),
    max_age_days: z.number().min(0).describe('Days from the newest value to as_of'),
    ...checkOutcome,
  }),
  z.strictObject({
    check: z.literal('accepted_values').describe('Every value of these columns is one of a list'),
    columns: columnsOfCheck,
    values: z
      .array(z.string())
      .min(1)
      .describe('Texts; of other types "true" or "false", "12.5", "YYYY-MM-DD", "YYYY-MM-DD HH:MM:SS"'),
    ...checkCommon,
  }),
  z.strictObject({
    check: z.literal('removed').describe('The cleaning in SQL does not remove too much'),
    rule: z.string().describe('A rule that quality.sql counts'),
    max_share: share.describe('The most that the rule may remove, of the rows that it looked at'),
    ...checkOutcome,
  }),
]);

const outlierAction = z
  .enum(['tag', 'clip', 'drop'])
  .default('tag')
  .describe('tag: kept out of the fit, still tagged; clip: moved to the fence; drop: left out and counted');
const outlierSide = z.enum(['both', 'high', 'low']).default('both').describe('Which tail counts');
const outlierColumns = z.array(columnName).min(1).describe('A value beyond the fence in any of them makes an outlier');
const outlierCommon = { columns: outlierColumns, action: outlierAction, side: outlierSide };

const outliers = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('iqr').describe('Fences beyond the quartiles'),
    factor: positive.default(1.5).describe('Interquartile ranges beyond the quartiles'),
    ...outlierCommon,
  }),
  z.strictObject({
    method: z.literal('zscore').describe('Fences around the mean'),
    factor: positive.default(3).describe('Standard deviations from the mean'),
    ...outlierCommon,
  }),
  z.strictObject({
    method: z.literal('robust_z').describe('Fences around the median'),
    factor: positive.default(3.5).describe('Scaled median absolute deviations from the median'),
    ...outlierCommon,
  }),
  z.strictObject({
    method: z.literal('percentile').describe('Fences at percentiles'),
    percentiles: z
      .tuple([z.number().min(0), z.number().max(100)])
      .default([1, 99])
      .describe('The lower and the upper fence, in percent'),
    ...outlierCommon,
  }),
]);

const feature = z.strictObject({
  transform: z.enum(['none', 'log1p']).default('none').describe('log1p for money and counts, whose tail is long'),
  scale: z
    .enum(['winsor_zscore', 'zscore', 'robust', 'minmax', 'none'])
    .default('winsor_zscore')
    .describe('How columns are made comparable; winsor_zscore first clamps to the 1st and 99th percentile'),
  weight: positive.default(1).describe('Multiplies the squared distance along this feature'),
  order: z
    .array(z.string())
    .min(2)
    .optional()
    .describe('For a column of texts with an order: its texts from the lowest to the highest, which count 0, 1, 2, …'),
  categories: z
    .union([z.literal('auto'), z.array(z.string()).min(2)])
    .optional()
    .describe('For a column of texts without an order: the ones that matter, or auto; a mismatch costs 1'),
});

const clusterCount = z.int().min(2).max(100);

const clusteringCommon = {
  k: z
    .union([clusterCount, z.literal('auto')])
    .default(4)
    .describe('Clusters; each needs a label. auto: the first night chooses, later ones only propose'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('The same seed and rows give the same segments'),
  refit,
};

const segments = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('kmeans').describe('Clusters around centroids'),
    restarts: z.int().min(1).max(1000).default(20).describe('Starts of the first fit, of which the best is kept'),
    ...clusteringCommon,
  }),
  z.strictObject({
    method: z
      .literal('hierarchical')
      .describe("Clusters by Ward's method: exact up to 10,000 customers, on micro-clusters above"),
    ...clusteringCommon,
  }),
  rfmSegments,
  rulesSegments,
]);

const labelParts = {
  segment: slug.describe('The slug that is published'),
  name: z.string().min(1).describe('What people read'),
  campaign: z.string().min(1).optional().describe('What to use the segment for'),
  mandatory: z.boolean().default(false).describe('A run that finds no such segment is held'),
  prototype: z
    .record(columnName, z.number().min(0).max(100))
    .optional()
    .describe('Where the cluster should lie, in percentiles of all customers; only the axes that matter'),
  when: labelConditionField
    .optional()
    .describe(
      'A condition on the cluster, such as recency_days.median >= 365 ~30; or outlier: the label of customers kept out of the fit',
    ),
  guard: rowPredicateField
    .optional()
    .describe('A condition on each customer of the cluster; who does not satisfy it gets guard_else'),
  guard_else: slug.optional().describe('The segment of customers that do not satisfy guard'),
};

const children = z.strictObject({
  k: clusterCount.describe('Clusters of the customers with this label; each needs a label of its own'),
  features: z
    .record(columnName, feature)
    .optional()
    .describe("What they are clustered by, on a scale of their own; default the job's features"),
  labels: z
    .array(z.strictObject(labelParts))
    .describe('The names of these clusters, in percentiles of the customers that are divided'),
});

const label = z.strictObject({
  ...labelParts,
  children: children
    .optional()
    .describe('Customers with this label are clustered again among themselves and get the segments named here'),
});

const labelling = z.strictObject({
  cardinality: z
    .enum(['one_to_one', 'many_to_one', 'first_match'])
    .default('one_to_one')
    .describe(
      'one_to_one: a label names one cluster at most; many_to_one: each cluster takes its best label; first_match: the first that fits',
    ),
  unmatched: z
    .enum(['hold', 'keep'])
    .default('hold')
    .describe('A cluster that fits no label. hold: holds the run; keep: its customers keep the tags they have'),
  ambiguous: z
    .enum(['incumbent', 'best', 'hold'])
    .default('incumbent')
    .describe('Below min_margin. incumbent: yesterday decides; best: the degrees alone; hold: holds the run'),
  min_degree: z.number().min(0).max(1).default(0.5).describe('A cluster that fits its label less holds the run'),
  min_margin: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Below this lead over the second-best naming, `ambiguous` decides'),
  incumbent_bonus: z.number().min(0).max(1).default(0.15).describe('Added to the label that the cluster had yesterday'),
});

const thenHold = z
  .enum(['hold', 'warn'])
  .default('hold')
  .describe('hold: nothing is published until a person approves; warn: only reported');
const off = z.literal('off');
const least = z.number().min(-1).max(1).describe('A lower figure trips the guard');
const most = z.number().positive().describe('A higher figure trips the guard');
const shareGuard = {
  max: share.describe('A greater share trips the guard'),
  min_customers: count.default(10).describe('Fewer customers than this never trip the guard'),
  then: thenHold,
};

const guards = z.strictObject({
  moved: z
    .union([off, z.strictObject(shareGuard)])
    .prefault({ max: '10%' })
    .describe('Customers whose segment changes, of those present on both nights'),
  leavers: z
    .union([off, z.strictObject(shareGuard)])
    .prefault({ max: '10%' })
    .describe('Customers that leave, of the base'),
  segment_share: z
    .union([
      off,
      z.strictObject({
        min: share.prefault('1%').describe('A smaller segment trips the guard'),
        max: share.prefault('100%').describe('A larger segment trips the guard'),
        then: thenHold,
      }),
    ])
    .optional()
    .describe(
      'Size of each segment; labels with `when: outlier` are exempt. Clusters: default min 1%; others: default off',
    ),
  silhouette_sq: z
    .union([off, z.strictObject({ min: least, then: thenHold })])
    .prefault('off')
    .describe('Mean silhouette with squared Euclidean distance'),
  segment_vanishes: z
    .union([off, z.strictObject({ then: thenHold })])
    .prefault({})
    .describe('A segment that had customers has none'),
  psi: z
    .union([off, z.strictObject({ max: most, then: thenHold })])
    .optional()
    .describe('Population stability index of the segment shares; default max 0.25, off where moved is off'),
  ari: z
    .union([off, z.strictObject({ min: least, then: thenHold })])
    .optional()
    .describe('Adjusted Rand index against the published segments; default min 0.8, off where moved is off'),
  centroid_shift: z
    .union([off, z.strictObject({ max: most, then: thenHold })])
    .optional()
    .describe('How far any cluster moves in a night, in the frozen scale; default max 0.5'),
  silhouette_drop: z
    .union([off, z.strictObject({ max: most, then: thenHold })])
    .optional()
    .describe('How much the squared Euclidean silhouette falls in a night; default max 0.1'),
});

const publish = z.strictObject({
  connection: z.string().default('crm').describe('A connection of the target in config/connections.yaml'),
  table: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be a plain table name')
    .default('segment_tag')
    .describe('The staging table that campaign tools read'),
  leavers: z
    .enum(['tombstone', 'keep', 'delete'])
    .default('tombstone')
    .describe(
      'Customers gone from the source. tombstone: state left, segment cleared; keep: untouched; delete: removed',
    ),
  scores: z
    .enum(['with_segment', 'always'])
    .default('with_segment')
    .describe('with_segment: scores are written when the segment changes; always: also when only they change'),
  control: share
    .refine((of) => of > 0 && of < 1, 'must be above 0% and below 100%')
    .optional()
    .describe('Share of the customers that campaigns leave out, for ever the same ones, to measure uplift against'),
  keep_runs: z
    .int()
    .min(1)
    .default(90)
    .describe('Published runs that `segtag prune` keeps whole: a rollback to each stays possible'),
  consumers: consumers.optional().describe('How far readers of the change feed may be behind'),
});

const listLength = z.int().min(0).max(100);

const recommendations = z.strictObject({
  per_customer: listLength.default(3).describe('Products offered to each customer; 0: no lists for customers'),
  per_segment: listLength.default(10).describe('Products offered to each segment; 0: no lists for segments'),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Product ids that are never recommended, such as postage; * stands for any text'),
  min_orders: z
    .int()
    .min(1)
    .default(5)
    .describe('Orders that a pair of products, and customers of a segment that a product, must have to count'),
  min_support: share.prefault('0.1%').describe('Share of all orders that a pair of products must be in as well'),
  min_lift: z.number().min(0).default(1).describe('A rule counts above this; 1 is chance'),
});

const report = z.strictObject({
  ids: z
    .enum(['hidden', 'shown'])
    .default('hidden')
    .describe('Whether reports name customers who moved, with the values that moved them'),
  keep: z.int().min(0).default(30).describe('Reports of runs that stay in reports/; 0: none is written'),
});

const schedule = z.strictObject({
  cron: z.string().describe('Minute, hour, day of month, month, weekday; quote it'),
  timezone: z.string().default('UTC').describe('An IANA time zone; as_of is its calendar date'),
  dst: z
    .enum(['run_next_valid', 'skip'])
    .default('run_next_valid')
    .describe('A time of day that clocks skip: run at the end of the gap, or not on that day'),
  catch_up: z
    .union([
      z.enum(['none', 'latest']),
      z.strictObject({ all: z.int().min(1).max(366).describe('How many missed slots at most') }),
    ])
    .default('latest')
    .describe('After downtime: no missed slot, the newest one, or { all: n } of them'),
  deadline_hours: z.number().positive().default(24).describe('Missed slots older than this are not caught up'),
  timeout_minutes: z.number().positive().default(240).describe('A run that takes longer is stopped'),
  jitter_minutes: z
    .number()
    .min(0)
    .max(720)
    .default(0)
    .describe('A run starts up to this much later, always the same for a job and a slot: not all jobs at once'),
  grace_minutes: z.number().min(0).default(240).describe('A job without a success this long after its time is overdue'),
});

const durationUnits = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90m` in the file, milliseconds in memory. */
const duration = z
  .string('must be a duration such as 90m')
  .regex(/^\d+(s|m|h)$/, 'must be a duration such as 45s, 90m or 2h')
  .transform((text) => Number(text.slice(0, -1)) * durationUnits[text.at(-1) as keyof typeof durationUnits]);

const ready = z.strictObject({
  sql: z
    .string()
    .regex(/^[a-z][a-z0-9_]*\.sql$/, 'must be a file name such as ready.sql')
    .default('ready.sql')
    .describe("A query in the job's SQL folder; the source is ready when it returns a row, and that row is not false"),
  wait_up_to: duration.describe('How long a run waits for it, such as 2h'),
});

const retry = z.strictObject({
  budget_seconds: z
    .number()
    .min(0)
    .default(120)
    .describe('Time that a run spends, in all, on pauses and further attempts; 0: fail at once'),
});

/** What a job file may say: types, defaults and descriptions. The editor's JSON Schema is made from it. */
export const jobSchema = z.strictObject({
  version: z.literal(1).describe('Version of the job file format'),
  job: slug.describe('The name of this file without .yaml'),
  description: z.string().min(1).describe('What the segments are for and who uses them'),
  owner: z.string().min(1).optional().describe('Whom to ask'),
  source: source.describe('Where the customers come from; the SQL stands in sql/<job>/customers.sql'),
  checks: z.array(check).default([]).describe('What must hold for the rows before anything is computed'),
  outliers: outliers.optional().describe('Customers far from all others, kept out of the fit'),
  features: z
    .record(columnName, feature)
    .default({})
    .describe('The columns that are clustered; for kmeans and hierarchical'),
  segments: segments.describe('How customers are grouped'),
  compute: z
    .enum(['memory', 'warehouse'])
    .default('memory')
    .describe('Where clusters are fitted: in this process, or by queries in the warehouse that holds the customers'),
  labels: z
    .array(label)
    .default([])
    .describe('The names of the segments; at least one per cluster, and where other methods are to say something else'),
  labelling: labelling.prefault({}).describe('How clusters and labels are matched'),
  rule_tag: ruleTag
    .optional()
    .describe('What a plain rule says of each customer: published in scores, and compared with the segments'),
  guards: guards.prefault({}).describe('What holds a run instead of publishing it'),
  publish: publish.prefault({}).describe('Where the segments go'),
  recommendations: recommendations
    .optional()
    .describe('Products for customers and segments; needs purchases.sql and pairs.sql beside customers.sql'),
  report: report.prefault({}).describe('The page that is written after each run'),
  schedule: schedule.optional().describe('When the job runs'),
  ready: ready.optional().describe('What a run waits for before it reads'),
  retry: retry.prefault({}).describe('What a run does when a database is out of reach for a moment'),
  notify: z.array(notification).default([]).describe('Who is told when a night goes wrong, and when it is well again'),
});

export type Job = z.output<typeof jobSchema>;
export type ColumnType = (typeof columnTypes)[number];
export type Check = Job['checks'][number];
export type Outliers = NonNullable<Job['outliers']>;
export type Feature = Job['features'][string];
type Segments = Job['segments'];
/** Of the methods that cluster features and name the clusters. */
export type ClusteringSegments = Extract<Segments, { method: 'kmeans' | 'hierarchical' }>;
export type KmeansSegments = Extract<Segments, { method: 'kmeans' }>;
export type Label = Job['labels'][number];
/** How the customers of a label are divided once more. */
export type Children = NonNullable<Label['children']>;
export type Labelling = Job['labelling'];
export type Guards = Job['guards'];
export type Publish = Job['publish'];
export type Recommendations = NonNullable<Job['recommendations']>;
export type Schedule = NonNullable<Job['schedule']>;
export type Notification = Job['notify'][number];
export type ParameterValue = z.output<typeof parameter>;
