import { pointsOf } from '../../../../analysis/cluster-moments.ts';
import { samplingThreshold } from '../../../../analysis/kmeans/starts.ts';
import type { CentroidModel, FeatureScale } from '../../../../analysis/model.ts';
import { assignmentQuery, featureValues, sampleQuery, stepQuery } from '../../../../analysis/sql/compute/clusters.ts';
import {
  countFinite,
  countFit,
  countIds,
  validRows,
  type CustomerRows,
} from '../../../../analysis/sql/compute/customer-rows.ts';
import { finiteValues, orderStatistics, sumOf } from '../../../../analysis/sql/compute/distributions.ts';
import { separationQuery } from '../../../../analysis/sql/compute/separation.ts';
import type { Job, KmeansSegments } from '../../../../job/schema.ts';

/** A query that a night in the warehouse asks. */
export type ListedQuery = {
  readonly purpose: string;
  /** How often: once for each `step` until the centroids stand still. */
  readonly times: number | 'step';
  /** That come back each time. */
  readonly rows: number;
  /** Numbers and ids in a row. */
  readonly cells: number;
  /** As it would be sent; bounds, means and centroids that the night finds out stand as zeros and ones. */
  readonly sql: string;
};

export type Listing = {
  readonly job: Job;
  readonly segments: KmeansSegments & { readonly k: number };
  readonly rows: CustomerRows;
  readonly columns: readonly string[];
  readonly customers: number;
  /** The published model, where tonight goes on from it. */
  readonly model: CentroidModel | undefined;
  /** The centroids are published and not due to move. */
  readonly assigned: boolean;
};

/** The queries of `clusterInWarehouse`, in their order. */
export function listQueries(listing: Listing): ListedQuery[] {
  const { job, segments, rows, columns, customers, model, assigned } = listing;
  const names = Object.keys(job.features);
  const width = names.length;
  const k = model?.clusters.length ?? segments.k;
  const centroids = model?.clusters.map(({ centroid }) => centroid) ?? pointsOf(new Float64Array(k * width), k);
  const fit = { ...rows, fences: model?.fences ?? [], outlierAction: job.outliers?.action ?? null };
  const scales = model?.scales ?? names.map((column) => plainScale(column, job.features[column]!));
  const ones = centroids.map(() => 1);
  const moments = { counts: ones, means: centroids, within: ones };
  const numbers = [...centroids.keys()];
  const size = customers <= samplingThreshold ? 'all' : samplingThreshold;
  const sampled = Math.min(customers, samplingThreshold);
  return [
    oneRow('rows and ids', 3, countIds(rows)),
    ...(job.outliers && !model ? fenceQueries(job.outliers.columns, rows) : []),
    oneRow('customers in the fit', width + 1, countFit(fit, job.features)),
    ...(model ? [] : scales.flatMap((scale) => scaleQueries(featureValues(fit, scale), scale.column))),
    ...(model
      ? []
      : [
          {
            purpose: 'sample to start from',
            times: 1,
            rows: sampled,
            cells: width + 1,
            sql: sampleQuery(fit, names, { size, seed: segments.seed }),
          },
        ]),
    {
      purpose: assigned ? 'sizes and inertia' : 'a step of k-means',
      times: assigned ? 1 : 'step',
      rows: k,
      cells: width + 3,
      sql: stepQuery(fit, scales, centroids),
    },
    {
      purpose: 'how far apart they are',
      times: 1,
      rows: k,
      cells: 3,
      sql: separationQuery(fit, scales, { centroids, moments, numbers }),
    },
    {
      purpose: 'each customer with its cluster',
      times: 1,
      rows: customers,
      cells: columns.length + 1,
      sql: assignmentQuery(fit, scales, { centroids, columns }),
    },
  ];
}

function oneRow(purpose: string, cells: number, sql: string): ListedQuery {
  return { purpose, times: 1, rows: 1, cells, sql };
}

function fenceQueries(columns: readonly string[], rows: CustomerRows): ListedQuery[] {
  const counted = { purpose: 'values to fence', times: 1, rows: 1, cells: columns.length + 1 };
  const ordered = columns.map((column) => ({
    purpose: `fence of ${column}`,
    times: 1,
    rows: 4,
    cells: 2,
    sql: orderStatistics(finiteValues(validRows(rows), column, rows.dialect), [1]),
  }));
  return [{ ...counted, sql: countFinite(rows, columns) }, ...ordered];
}

function scaleQueries(values: string, column: string): ListedQuery[] {
  return [
    { purpose: `quantiles of ${column}`, times: 1, rows: 4, cells: 2, sql: orderStatistics(values, [1]) },
    { purpose: `mean and spread of ${column}`, times: 2, rows: 1, cells: 1, sql: sumOf(values, undefined) },
  ];
}

function plainScale(column: string, { transform, scale, weight }: Job['features'][string]): FeatureScale {
  return { column, transform, scale, weight, low: null, high: null, center: 0, spread: 1 };
}
