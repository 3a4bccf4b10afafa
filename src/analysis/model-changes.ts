import type { CentroidModel, Fence, FeatureScale, Model } from './model.ts';

/** One thing that two models say differently; null where one of them says nothing of it. */
export type ModelChange = { readonly what: string; readonly before: string | null; readonly after: string | null };

/**
 * What two models of a job say differently: method, fences of outliers, features with their scale, and
 * clusters with their segment and how far each has moved. Distances are Euclidean in the scale of `before`, told only
 * where both models have the same scale; numbers are rounded to 4 significant digits. Empty for equal models.
 */
export function modelChanges(before: Model, after: Model): ModelChange[] {
  return [
    ...differing('method', before.method, after.method),
    ...differing('outliers', before.outlierAction, after.outlierAction),
    ...paired('outlier fence', before.fences, after.fences, { keyOf: ({ column }) => column, textOf: fenceText }),
    ...(isCentroid(before) && isCentroid(after) ? centroidChanges(before, after) : []),
  ];
}

function isCentroid(model: Model): model is CentroidModel {
  return 'clusters' in model;
}

function centroidChanges(before: CentroidModel, after: CentroidModel): ModelChange[] {
  const scales = paired('feature', before.scales, after.scales, { keyOf: ({ column }) => column, textOf: scaleText });
  const clusters = paired('cluster', before.clusters, after.clusters, {
    keyOf: ({ uid }) => uid,
    textOf: ({ segment }) => segment,
  });
  return [...scales, ...clusters, ...(scales.length === 0 ? shifts(before, after) : [])];
}

function shifts(before: CentroidModel, after: CentroidModel): ModelChange[] {
  return after.clusters.flatMap(({ uid, segment, centroid }) => {
    const earlier = before.clusters.find((cluster) => cluster.uid === uid);
    if (!earlier) return [];
    const distance = Math.hypot(...centroid.map((value, i) => value - (earlier.centroid[i] ?? NaN)));
    return distance > 0
      ? [{ what: `centroid of ${segment} (${uid})`, before: null, after: `moved by ${figure(distance)}` }]
      : [];
  });
}

type Keyed<Item> = { readonly keyOf: (item: Item) => string; readonly textOf: (item: Item) => string };

/** Items that only one side has, or that read differently. */
function paired<Item>(
  what: string,
  before: readonly Item[],
  after: readonly Item[],
  { keyOf, textOf }: Keyed<Item>,
): ModelChange[] {
  const keys = [...new Set([...after, ...before].map(keyOf))];
  const textIn = (items: readonly Item[], key: string): string | null => {
    const item = items.find((each) => keyOf(each) === key);
    return item === undefined ? null : textOf(item);
  };
  return keys.flatMap((key) => differing(`${what} ${key}`, textIn(before, key), textIn(after, key)));
}

function differing(what: string, before: string | null, after: string | null): ModelChange[] {
  return before === after ? [] : [{ what, before, after }];
}

function fenceText({ low, high }: Fence): string {
  const ends = [low === null ? [] : [`from ${figure(low)}`], high === null ? [] : [`to ${figure(high)}`]];
  return ends.flat().join(' ') || 'none';
}

function scaleText({ transform, scale, weight, low, high, center, spread }: FeatureScale): string {
  const clamp = low === null || high === null ? '' : `, within ${figure(low)} to ${figure(high)}`;
  const parts = [...(transform === 'none' ? [] : [transform]), scale].join(' + ');
  return `${parts}, weight ${figure(weight)}${clamp}, centre ${figure(center)}, spread ${figure(spread)}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
