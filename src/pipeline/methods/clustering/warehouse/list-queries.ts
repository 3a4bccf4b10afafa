import { pointsOf } from '../../../../analysis/cluster-moments.ts';
import { samplingThreshold } from '../../../../analysis/kmeans/starts.ts';
import { codedColumns, mostCategories } from '../../../../analysis/codings.ts';
import { kBounds } from '../../../../analysis/choosing-k/propose-k.ts';
import type { CentroidModel, FeatureScale } from '../../../../analysis/model.ts';
import { categoryScale } from '../../../../analysis/scaling.ts';
import { assignmentQuery, featureValues, sampleQuery, stepQuery } from '../../../../analysis/sql/compute/clusters.ts';
import { countFit } from '../../../../analysis/sql/compute/customer-rows.ts';
import { orderStatistics, sumOf } from '../../../../analysis/sql/compute/distributions.ts';
import { differentTexts } from '../../../../analysis/sql/compute/texts.ts';
import { separationQuery } from '../../../../analysis/sql/compute/separation.ts';
import {
  fitRowsOf,
  listCustomerQueries,
  oneRow,
  type ListedQuery,
  type Listing,
} from '../../warehouse/listed-query.ts';
import type { Feature, KmeansSegments } from '../../../../job/schema.ts';
import { codedColumnsOf } from '../code-texts.ts';
import { featureSources } from './ask-fit-rows.ts';

type ClusterListing = Listing & {
  readonly segments: KmeansSegments;
  readonly model: CentroidModel | undefined;
};

/** The queries of `clusterInWarehouse`, in their order. */
export function listClusterQueries(listing: ClusterListing): ListedQuery[] {
  const { job, segments, columns, customers, model, stays: assigned } = listing;
  const fit = fitRowsOf(listing);
  const scales =
    model?.scales ?? Object.entries(job.features).flatMap(([column, feature]) => unknownScales(column, feature));
  const width = scales.length;
  // Where the night chooses, as many as it may.
  const k = model?.clusters.length ?? (segments.k === 'auto' ? kBounds(job).most : segments.k);
  const centroids = model?.clusters.map(({ centroid }) => centroid) ?? pointsOf(new Float64Array(k * width), k);
  const ones = centroids.map(() => 1);
  const moments = { counts: ones, means: centroids, within: ones };
  const numbers = [...centroids.keys()];
  const sources = featureSources(job.features, codedColumnsOf(scales));
  const isSampled = !model || (segments.k === 'auto' && !assigned);
  return [
    ...listCustomerQueries(listing),
    ...(model ? [] : textQueries(listing)),
    oneRow('customers in the fit', sources.length + 1, countFit(fit, sources)),
    ...(model ? [] : scaleQueries(listing, scales)),
    ...(isSampled ? [sampleOf(listing, scales)] : []),
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

/** The texts of features whose categories are those that there are. */
function textQueries(listing: ClusterListing): ListedQuery[] {
  const features = Object.entries(listing.job.features).filter(([, { categories }]) => categories === 'auto');
  return features.map(([column]) => ({
    purpose: `categories of ${column}`,
    times: 1,
    rows: mostCategories,
    cells: 2,
    sql: differentTexts(fitRowsOf(listing), column, mostCategories),
  }));
}

function scaleQueries(listing: ClusterListing, scales: readonly FeatureScale[]): ListedQuery[] {
  const { features } = listing.job;
  const scaled = scales.filter(({ column }) => features[column] && !features[column].categories);
  return scaled.flatMap((scale) => {
    const values = featureValues(fitRowsOf(listing), scale);
    return [
      { purpose: `quantiles of ${scale.column}`, times: 1, rows: 4, cells: 2, sql: orderStatistics(values, [1]) },
      { purpose: `mean and spread of ${scale.column}`, times: 2, rows: 1, cells: 1, sql: sumOf(values, undefined) },
    ];
  });
}

function sampleOf(listing: ClusterListing, scales: readonly FeatureScale[]): ListedQuery {
  const { customers, segments } = listing;
  const size = customers <= samplingThreshold ? 'all' : samplingThreshold;
  return {
    purpose: 'sample to start from',
    times: 1,
    rows: Math.min(customers, samplingThreshold),
    cells: scales.length + 1,
    sql: sampleQuery(fitRowsOf(listing), scales, { size, seed: segments.seed }),
  };
}

/** The scales of a feature of which nothing has been asked yet; categories that will be found stand as one without a text. */
function unknownScales(column: string, feature: Feature): FeatureScale[] {
  const { transform, scale, weight, order, categories } = feature;
  const plain = { column, transform, scale, weight, low: null, high: null, center: 0, spread: 1 };
  if (!order && !categories) return [plain];
  if (categories === 'auto') {
    const coding = { column, codes: [], others: 0 };
    return [categoryScale({ name: `${column}=`, coding }, feature)];
  }
  const coded = codedColumns(column, feature, () => ({ count: 0, texts: [] }));
  return categories
    ? coded.map((each) => categoryScale(each, feature))
    : coded.map(({ coding }) => ({ ...plain, coding }));
}
