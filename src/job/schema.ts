import * as z from 'zod';
import { rfmSegments } from './rfm/schema.ts';
import { ruleTag, rulesSegments } from './rules/schema.ts';
import { check } from './schema/checks.ts';
import { feature, hierarchicalSegments, kmeansSegments } from './schema/clustering.ts';
import { guards } from './schema/guards.ts';
import { label, labelling } from './schema/labels.ts';
import { notification } from './schema/notify.ts';
import { outliers } from './schema/outliers.ts';
import { columnName, slug } from './schema/parts.ts';
import { publish, recommendations, report } from './schema/publish.ts';
import { ready, retry, schedule } from './schema/schedule.ts';
import { source, type columnTypes, type parameter } from './schema/source.ts';

const segments = z.discriminatedUnion('method', [kmeansSegments, hierarchicalSegments, rfmSegments, rulesSegments]);

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
    .describe(
      'Where customers are clustered, scored or held against rules: in this process, or by queries in the warehouse',
    ),
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
