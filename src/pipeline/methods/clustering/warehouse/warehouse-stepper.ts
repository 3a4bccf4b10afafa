import { pointsOf, squareBetween, type ClusterMoments } from '../../../../analysis/cluster-moments.ts';
import type { StepSums } from '../../../../analysis/kmeans/chunk.ts';
import type { CustomerStepper } from '../../../../analysis/kmeans/stepper.ts';
import type { FeatureScale } from '../../../../analysis/model.ts';
import { farthestQuery, stepQuery } from '../../../../analysis/sql/compute/clusters.ts';
import type { FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import type { NumberRow, Questions } from '../../warehouse/questions.ts';

export type WarehouseStepper = CustomerStepper & {
  /** The clusters of the last step that have customers: their numbers from 0, and their moments. */
  lastMoments(): { readonly numbers: readonly number[]; readonly moments: ClusterMoments };
};

type Step = { readonly centroids: Float64Array; readonly rows: readonly NumberRow[] };

/** Takes the steps of Lloyd's iteration in the warehouse: one query each, k rows back. */
export function warehouseStepper(
  questions: Questions,
  rows: FitRows,
  scales: readonly FeatureScale[],
): WarehouseStepper {
  const width = scales.length;
  let last: Step | undefined;
  return {
    columnCount: width,
    async step({ centroids, k }) {
      // A fit ends with a step to the centroids that it took its last one to.
      if (!last || !last.centroids.every((value, i) => value === centroids[i])) {
        const counted = await questions.numbers(stepQuery(rows, scales, pointsOf(centroids, k)));
        last = { centroids: centroids.slice(), rows: counted.toSorted((a, b) => a['j']! - b['j']!) };
      }
      return sumsOf(last, k, width);
    },
    async refill(centroids, step) {
      const points = pointsOf(centroids, step.counts.length);
      // A customer who is alone in its cluster stays, so that a few more than are needed may have to be passed over.
      const limit = 2 * points.length;
      const farthest = await questions.numbers(farthestQuery(rows, scales, { centroids: points, limit }));
      return moveFarthest(farthest, step, width);
    },
    lastMoments() {
      if (!last) throw new Error('no step has been taken');
      return momentsOf(last, width);
    },
  };
}

function sumsOf({ rows }: Step, k: number, width: number): StepSums {
  const sums = new Float64Array(k * width);
  const counts = new Float64Array(k);
  let inertia = 0;
  for (const row of rows) {
    const cluster = row['j']! - 1;
    counts[cluster] = row['n']!;
    for (let i = 0; i < width; i++) sums[cluster * width + i] = row[`s${i + 1}`]!;
    inertia += row['sse']!;
  }
  return { sums, counts, inertia };
}

/** Gives each empty cluster the next farthest customer; see `refillEmptyClusters`. Tells the places in the order of distance. */
function moveFarthest(farthest: readonly NumberRow[], step: StepSums, width: number): number[] {
  const moved: number[] = [];
  for (const [cluster, count] of step.counts.entries()) {
    if (count > 0) continue;
    const place = farthest.findIndex(
      (row, i) => !moved.includes(i) && row['d']! > 0 && step.counts[row['j']! - 1]! > 1,
    );
    const row = farthest[place];
    if (!row) break;
    const donor = row['j']! - 1;
    for (let i = 0; i < width; i++) {
      const value = row[`x${i + 1}`]!;
      step.sums[donor * width + i]! -= value;
      step.sums[cluster * width + i] = value;
    }
    step.counts[donor]! -= 1;
    step.counts[cluster] = 1;
    moved.push(place);
  }
  return moved;
}

function momentsOf({ rows, centroids }: Step, width: number): ReturnType<WarehouseStepper['lastMoments']> {
  const numbers = rows.map((row) => row['j']! - 1);
  const counts = rows.map((row) => row['n']!);
  const means = rows.map((row) => Array.from({ length: width }, (_, i) => row[`s${i + 1}`]! / row['n']!));
  const within = rows.map((row, i) => {
    const centroid = [...centroids.subarray(numbers[i]! * width, (numbers[i]! + 1) * width)];
    return Math.max(0, row['sse']! - counts[i]! * squareBetween(centroid, means[i]!));
  });
  return { numbers, moments: { counts, means, within } };
}
