import type { CentroidModel, Model, RfmModel } from '../../analysis/model.ts';
import type { ReadContext } from '../context.ts';
import type { FitInWarehouse } from '../source/in-warehouse.ts';
import { scoreInWarehouse, type WarehouseScores } from './rfm/warehouse/score-in-warehouse.ts';
import { matchInWarehouse, type WarehouseMatches } from './rules/match-in-warehouse.ts';
import { clusterInWarehouse, type WarehouseClusters } from './clustering/warehouse/fit-in-warehouse.ts';

/** What a method has found where the customers are. */
export type FittedInWarehouse = WarehouseClusters | WarehouseScores | WarehouseMatches;

/** How the job's method works in the warehouse; undefined where the job has it work in memory. */
export function fitterInWarehouse(
  context: ReadContext,
  published: Model | undefined,
): FitInWarehouse<FittedInWarehouse> | undefined {
  const { segments, compute } = context.loaded.job;
  if (compute === 'memory') return undefined;
  // The shape of a model names its method, so that only a model of the job's own method comes here.
  switch (segments.method) {
    case 'kmeans': {
      const model = published as CentroidModel | undefined;
      return (session) => clusterInWarehouse(context, session, { segments, model });
    }
    case 'rfm': {
      const model = published as RfmModel | undefined;
      return (session) => scoreInWarehouse(context, session, { segments, model });
    }
    case 'rules':
      return (session) => matchInWarehouse(context, session, { segments, model: published });
    case 'hierarchical':
      throw new Error('the warehouse has no tree of clusters, and the job file was not checked');
  }
}
