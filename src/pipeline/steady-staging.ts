import { SegtagError } from '../errors.ts';
import type { Published, PublishOptions } from '../staging/publish/publish-options.ts';
import type { Staging } from '../staging/staging.ts';
import type { Retry } from './retry.ts';

/**
 * The same staging, whose steps are repeated after a transient failure where a repetition does no
 * harm. Taking the lease and starting a run are not: nothing is lost when they fail.
 */
export function steadyStaging(staging: Staging, retry: Retry): Staging {
  const again =
    <Args extends unknown[], Result>(
      step: string,
      work: (...args: Args) => Promise<Result>,
    ): ((...args: Args) => Promise<Result>) =>
    (...args) =>
      retry(step, () => work(...args));
  return {
    ...staging,
    publishedBase: again('reading the published run', staging.publishedBase),
    recentExtracted: again('reading earlier runs', staging.recentExtracted),
    findDrift: again('comparing the tags', staging.findDrift),
    undoneBy: again('reading what was undone', staging.undoneBy),
    readTags: again('reading the tags', staging.readTags),
    readTagsInParts: (query, open) => retry('reading the tags', () => staging.readTagsInParts(query, open)),
    readLists: again('reading the recommendations', staging.readLists),
    readScores: again('reading the scores', staging.readScores),
    updateRun: again('recording the run', staging.updateRun),
    saveFigures: again('keeping the figures of the report', staging.saveFigures),
    savePlan: again('keeping the plan', staging.savePlan),
    supersede: again('closing older plans', staging.supersede),
    renewModel: again('saving the model', staging.renewModel),
    publish: (options) => retry('publishing', (attempt) => publishOnce(staging, options, attempt)),
  };
}

/** An attempt that failed may have been committed all the same: the run's status knows. */
async function publishOnce(staging: Staging, options: PublishOptions, attempt: number): Promise<Published> {
  try {
    return await staging.publish(options);
  } catch (error) {
    const decided = error instanceof SegtagError && error.code === 'E_STALE_PLAN';
    if (attempt === 1 || !decided) throw error;
    return (await staging.publishedAs(options.runId)) ?? Promise.reject(error);
  }
}
