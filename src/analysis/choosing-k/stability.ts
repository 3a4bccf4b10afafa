import { takeMatrixRows, type Matrix } from '../matrix.ts';
import type { Random } from '../random.ts';
import type { SampleClusterer, SampleClusters } from './cluster-sample.ts';

/**
 * The stability of the least stable cluster of each clustering: its mean Jaccard similarity with its
 * best match over bootstrap samples of the rows, which are clustered anew (Hennig, 2007; as R's
 * clusterboot, each row once however often it is drawn). Above 0.85 is commonly read as highly stable,
 * from 0.75 as stable, below 0.6 as not to be trusted.
 */
export async function leastStable(
  matrix: Matrix,
  clusterings: readonly SampleClusters[],
  options: { readonly cluster: SampleClusterer; readonly samples: number; readonly random: Random },
): Promise<number[]> {
  const { cluster, samples, random } = options;
  const totals = clusterings.map(({ k }) => new Float64Array(k));
  for (let sample = 0; sample < samples; sample++) {
    const drawn = new Set(Array.from({ length: matrix.rowCount }, () => random.integer(matrix.rowCount)));
    const rows = Uint32Array.from(drawn).sort();
    const again = await cluster(
      takeMatrixRows(matrix, rows),
      clusterings.map(({ k }) => Math.min(k, rows.length)),
      random,
    );
    for (const [i, { k, labels }] of clusterings.entries()) {
      const original = Int32Array.from(rows, (row) => labels[row]!);
      for (const [number, jaccard] of bestJaccards(original, k, again[i]!).entries()) totals[i]![number]! += jaccard;
    }
  }
  return totals.map((sums) => Math.min(...sums) / samples);
}

/**
 * How well each cluster is found again: the Jaccard similarity of its rows to those of the most similar
 * cluster of another clustering of the same rows (Hennig's clusterboot). 0 for a cluster without rows.
 * Labels are 0..k-1 of as many rows; the numbers of clusters may differ.
 */
export function bestJaccards(
  labels: Int32Array,
  k: number,
  others: { readonly labels: Int32Array; readonly k: number },
): number[] {
  const both = new Float64Array(k * others.k);
  const sizes = new Float64Array(k);
  const otherSizes = new Float64Array(others.k);
  for (const [row, label] of labels.entries()) {
    const other = others.labels[row]!;
    both[label * others.k + other]! += 1;
    sizes[label]! += 1;
    otherSizes[other]! += 1;
  }
  return Array.from(sizes, (size, cluster) => {
    let best = 0;
    for (let other = 0; other < others.k; other++) {
      const shared = both[cluster * others.k + other]!;
      if (shared > 0) best = Math.max(best, shared / (size + otherSizes[other]! - shared));
    }
    return best;
  });
}
