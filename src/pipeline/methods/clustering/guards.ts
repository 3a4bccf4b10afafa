import type { CentroidModel } from '../../../analysis/model.ts';
import type { Label } from '../../../job/schema.ts';

/** The guards of labels as a model holds them. */
export function guardsOf(labels: readonly Label[]): CentroidModel['guards'] {
  return labels.flatMap(({ segment, guard, guard_else: otherwise }) =>
    guard && otherwise !== undefined ? [{ segment, condition: guard, otherwise }] : [],
  );
}
