import type { CentroidModel, Model } from '../../analysis/model.ts';
import type { ReadContext } from '../context.ts';
import type { FitInWarehouse } from '../in-warehouse.ts';
import { clusterInWarehouse, type WarehouseClusters } from './clustering/warehouse/fit-in-warehouse.ts';

/** What a method has found where the customers are. */
export type FittedInWarehouse = WarehouseClusters;

/** How the job's method works in the warehouse; undefined where the job has it work in memory. */
export function fitterInWarehouse(
  context: ReadContext,
  published: Model | undefined,
): FitInWarehouse<FittedInWarehouse> | undefined {
  const { segments, compute } = context.loaded.job;
  if (compute === 'memory') return undefined;
  if (segments.method !== 'kmeans') throw new Error(`${segments.method} has no work for the warehouse`);
  // The shape of a model names its method, so that only a model of the job's own method comes here.
  const model = published as CentroidModel | undefined;
  return (session) => clusterInWarehouse(context, session, { segments, model });
}
