import { samplingThreshold } from '../../../../analysis/kmeans/starts.ts';
import type { Matrix, NumericColumn } from '../../../../analysis/matrix.ts';
import type { FeatureScale } from '../../../../analysis/model.ts';
import { clipToFences } from '../../../../analysis/outliers.ts';
import { scaleMatrix } from '../../../../analysis/scaling.ts';
import { sampleQuery } from '../../../../analysis/sql/compute/clusters.ts';
import { clipOf, type FitRows } from '../../../../analysis/sql/compute/customer-rows.ts';
import { columnOf, takeFrameRows } from '../../../../frame/frame.ts';
import { sortedRows } from '../../../../frame/id-order.ts';
import type { Questions } from '../../warehouse/questions.ts';

type Sampling = {
  readonly scales: readonly FeatureScale[];
  /** Customers in the fit. */
  readonly count: number;
  readonly seed: number;
};

/** Scaled features of customers in the fit, in the order of their ids: of all where they are few, else of 10,000 that id and seed draw. */
export async function askSample(
  questions: Questions,
  rows: FitRows,
  { scales, count, seed }: Sampling,
): Promise<Matrix> {
  const size = count <= samplingThreshold ? 'all' : samplingThreshold;
  const frame = await questions.customers(sampleQuery(rows, scales, { size, seed }));
  const sorted = takeFrameRows(frame, sortedRows(columnOf(frame, rows.customerId, 'id')));
  const values = scales.map(({ column }, i): NumericColumn => {
    return { name: column, values: columnOf(sorted, `v${i + 1}`, 'number').values };
  });
  return scaleMatrix(clipToFences(values, clipOf(rows)), scales);
}
