import type { Day } from '../frame/day.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { ReadContext } from '../pipeline/context.ts';
import { newRunId } from '../pipeline/run-id.ts';
import { silentProgress } from './progress.ts';
import type { Project } from './project.ts';

/** What commands read the warehouse with that make no run. */
export function readContext(project: Project, loaded: LoadedJob, asOf: Day): Omit<ReadContext, 'signal'> {
  const { job } = loaded;
  return {
    projectDir: project.directory,
    loaded,
    warehouse: project.connection(job.source.connection),
    runId: newRunId(job.job, new Date()),
    asOf,
    progress: silentProgress,
  };
}
