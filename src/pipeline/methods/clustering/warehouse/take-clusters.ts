import { codesOf } from '../../../../frame/rows.ts';
import { scaleMatrix } from '../../../../analysis/scaling.ts';
import type { ClusteringSegments } from '../../../../job/schema.ts';
import type { Separated } from '../../../stages/outliers.ts';
import { rowsMarked } from '../../../stages/outliers.ts';
import { sampledSilhouette } from '../cluster-quality.ts';
import { countedTwice } from '../counted-twice.ts';
import type { FoundClusters } from '../segment.ts';
import type { WarehouseClusters } from './fit-in-warehouse.ts';

const mostCorrelated = 10_000;

/** The clusters that the warehouse has found, and the customers that it has put into each. */
export function takeClusters(
  { method, seed }: ClusteringSegments,
  { customers, fitColumns, isOutlier }: Separated,
  { scales, fit, fittedOn, notes, separation }: WarehouseClusters,
): FoundClusters {
  const { foundOf } = customers;
  if (!foundOf) throw new Error('the customers came without their clusters');
  const fitRows = rowsMarked(isOutlier, 0);
  const labels = codesOf(foundOf, fitRows);
  const { k, centroids, inertia, iterations, converged, start } = fit;
  const matrixOf = (sample: Uint32Array): ReturnType<typeof scaleMatrix> =>
    scaleMatrix(fitColumns, scales, { rows: sample.map((row) => fitRows[row]!) });
  const silhouette = sampledSilhouette(labels, seed, matrixOf);
  const quality = { k, inertia, iterations, converged, start, ...separation, silhouette };
  // Correlations show in some of the customers, where there are many.
  const step = Math.ceil(fitRows.length / mostCorrelated);
  const some = Uint32Array.from({ length: Math.ceil(fitRows.length / step) }, (_, i) => i * step);
  return {
    scales,
    fitRows,
    segmented: { method, k, centroids, labels, fittedOn, quality, kCurve: null, notes },
    findings: countedTwice({ scales, matrix: matrixOf(some) }),
  };
}
