import { loadJob } from '../job/load-job.ts';
import { resetModel } from '../pipeline/decisions/reset-model.ts';
import { newRunId } from '../pipeline/run-id.ts';
import { interruptible } from './interruption.ts';
import { openProject, type GlobalOptions } from './project.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

/** `segtag model reset <job>`: the next night starts from a new scale, and is held. */
export async function resetModelCommand(terminal: Terminal, jobName: string, options: GlobalOptions): Promise<number> {
  const project = openProject(options);
  const { job } = loadJob(project.directory, jobName);
  const runId = newRunId(job.job, new Date());
  const base = await withStore(project, job.publish.connection, (staging) =>
    interruptible((signal) => resetModel(staging, { job: job.job, runId, signal })),
  );
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, job: job.job, model_of: base, reset: true }));
  else
    terminal.print(
      `Reset the model of ${base}. The next run of ${job.job} estimates scale and clusters anew and is held with its moves; no tag was written.`,
    );
  return 0;
}
