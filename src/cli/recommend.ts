import type { RecommendMethod } from '../analysis/recommend/methods.ts';
import { SegtagError } from '../errors.ts';
import { formatDay, parseDay } from '../frame/day.ts';
import { loadJob } from '../job/load-job.ts';
import { adviseOn } from '../pipeline/inquiries/advise.ts';
import { readDay } from './as-of.ts';
import { interruptible } from './interruption.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { readContext } from './read-context.ts';
import { withParams } from './set-params.ts';
import type { Terminal } from './terminal.ts';
import { adviceText } from './text/advice.ts';
import { withStore } from './with-staging.ts';

export type RecommendOptions = GlobalOptions & {
  readonly n: number;
  readonly method?: RecommendMethod;
  readonly asOf?: string;
  readonly set: readonly string[];
};

/** `segtag recommend <job> <id>`: what to offer a customer, and who buys alike. Returns the exit code. */
export async function recommendCommand(
  terminal: Terminal,
  { job: jobName, customerId }: { readonly job: string; readonly customerId: string },
  options: RecommendOptions,
): Promise<number> {
  const project = openProject(options);
  const loaded = withParams(loadJob(project.directory, jobName), options.set);
  const { job } = loaded;
  const advice = await withStore(project, job.publish.connection, async (staging) => {
    const base = await staging.publishedBase(job.job);
    if (!base) refuseUnpublished(job.job);
    const asOf = options.asOf === undefined ? parseDay(base.asOf) : readDay(options.asOf, '--as-of');
    if (options.logFormat === 'human') terminal.say(`recommend ${jobName} · as of ${formatDay(asOf)}`);
    const reading = readContext(project, loaded, asOf);
    const chosen = { base, customerId, method: options.method, most: options.n };
    return interruptible((signal) => adviseOn({ ...reading, signal }, staging, chosen));
  });
  terminal.print(options.json ? JSON.stringify(advice) : adviceText(advice, terminal.width));
  return 0;
}

function refuseUnpublished(job: string): never {
  throw new SegtagError('E_NOT_FOUND', {
    where: job,
    what: 'This job has published nothing yet.',
    remedy: `Run it first: segtag run ${job}.`,
  });
}
