import { refitIsDue } from '../../analysis/decide/refit.ts';
import type { CentroidModel, RfmModel } from '../../analysis/model.ts';
import { parseDay, type Day } from '../../frame/day.ts';
import { listClusterQueries } from './clustering/warehouse/list-queries.ts';
import { listScoreQueries } from './rfm/warehouse/list-queries.ts';
import { listMatchQueries } from './rules/list-queries.ts';
import type { ListedQuery, Listing } from './warehouse/listed-query.ts';

/** The queries of a night that the job's method works in the warehouse; the job is one that the warehouse can do. */
export function listQueries(listing: Omit<Listing, 'stays'>, asOf: Day): ListedQuery[] {
  const { job, model } = listing;
  const { segments } = job;
  // The shape of a model names its method, so that only a model of the job's own method comes here.
  switch (segments.method) {
    case 'kmeans': {
      const clusters = model as CentroidModel | undefined;
      const stays = clusters !== undefined && !refitIsDue(segments.refit, parseDay(clusters.fittedOn), asOf);
      return listClusterQueries({ ...listing, segments, model: clusters, stays });
    }
    case 'rfm': {
      const scores = model as RfmModel | undefined;
      const stays = scores !== undefined && !refitIsDue(segments.refit, parseDay(scores.fittedOn), asOf);
      return listScoreQueries({ ...listing, segments, model: scores, stays });
    }
    case 'rules':
      return listMatchQueries({ ...listing, stays: true }, segments);
    case 'hierarchical':
      return [];
  }
}
