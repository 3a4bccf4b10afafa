import { pointsOf } from '../../../../analysis/cluster-moments.ts';
import { samplingThreshold } from '../../../../analysis/kmeans/starts.ts';
import type { CentroidModel, FeatureScale } from '../../../../analysis/model.ts';
import { assignmentQuery, featureValues, sampleQuery, stepQuery } from '../../../../analysis/sql/compute/clusters.ts';
import { countFit } from '../../../../analysis/sql/compute/customer-rows.ts';
import { orderStatistics, sumOf } from '../../../../analysis/sql/compute/distributions.ts';
import { separationQuery } from '../../../../analysis/sql/compute/separation.ts';
import {
  fitRowsOf,
  listCustomerQueries,
  oneRow,
  type ListedQuery,
  type Listing,
} from '../../warehouse/listed-query.ts';
import type { Job, KmeansSegments } from '../../../../job/schema.ts';

type ClusterListing = Listing & {
  readonly segments: KmeansSegments & { readonly k: number };
  readonly model: CentroidModel | undefined;
};

/** The queries of `clusterInWarehouse`, in their order. */
export function listClusterQueries(listing: ClusterListing): ListedQuery[] {
  const { job, segments, columns, customers, model, stays: assigned } = listing;
  const names = Object.keys(job.features);
  const width = names.length;
  const k = model?.clusters.length ?? segments.k;
  const centroids = model?.clusters.map(({ centroid }) => centroid) ?? pointsOf(new Float64Array(k * width), k);
  const fit = fitRowsOf(listing);
  const scales = model?.scales ?? names.map((column) => plainScale(column, job.features[column]!));
  const ones = centroids.map(() => 1);
  const moments = { counts: ones, means: centroids, within: ones };
  const numbers = [...centroids.keys()];
  const size = customers <= samplingThreshold ? 'all' : samplingThreshold;
  const sampled = Math.min(customers, samplingThreshold);
  return [
    ...listCustomerQueries(listing),
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

function scaleQueries(values: string, column: string): ListedQuery[] {
  return [
    { purpose: `quantiles of ${column}`, times: 1, rows: 4, cells: 2, sql: orderStatistics(values, [1]) },
    { purpose: `mean and spread of ${column}`, times: 2, rows: 1, cells: 1, sql: sumOf(values, undefined) },
  ];
}

function plainScale(column: string, { transform, scale, weight }: Job['features'][string]): FeatureScale {
  return { column, transform, scale, weight, low: null, high: null, center: 0, spread: 1 };
}
