import { join } from 'node:path';
import { SegtagError } from '../../src/errors.ts';
import { parseDay } from '../../src/frame/day.ts';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { createLogger, type Logger } from '../../src/log.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import { newRunId } from '../../src/pipeline/run-id.ts';
import { runJob } from '../../src/pipeline/run.ts';
import { sixtyCustomers, smallProject, writeCustomers, type Customer } from './small-project.ts';
import type { StagingDatabase } from './staging-databases.ts';

export type NightOptions = Partial<
  Pick<
    RunContext,
    | 'slot'
    | 'leaseMs'
    | 'firstPauseMs'
    | 'readyPollMs'
    | 'patience'
    | 'signal'
    | 'allowOlder'
    | 'trigger'
    | 'mode'
    | 'now'
    | 'telling'
  >
> & {
  readonly asOf?: string;
  readonly crm?: ResolvedConnection;
  readonly warehouse?: ResolvedConnection;
  readonly log?: Logger;
};

/** How a night ended: the status of its run, or the code of the error that it threw; and its run. */
export type Night = { readonly ended: string; readonly runId: string; readonly error?: unknown };

/** A project whose nights run inside this process. */
export type Nights = {
  readonly directory: string;
  customersAre(customers: readonly Customer[]): void;
  run(options?: NightOptions): Promise<Night>;
};

const progress = { started: () => {}, advanced: () => {}, finished: () => {}, waiting: () => {} };
const silent = createLogger(process.stderr, 'silent');

/** The job of `test/projects/small`, run in this process against a staging database. */
export function nightsOf(database: StagingDatabase, customers: readonly Customer[] = sixtyCustomers): Nights {
  const { directory } = smallProject(database, customers);
  const views = { customer: join(directory, 'customer.csv') };
  const duckdb = { name: 'warehouse', target: 'test', config: { client: 'duckdb', file: ':memory:', views } } as const;
  return {
    directory,
    customersAre: (now) => writeCustomers({ directory }, now),
    async run({ asOf = '2026-06-30', crm = database.connection, warehouse = duckdb, log = silent, ...more } = {}) {
      const runId = newRunId('small', new Date());
      try {
        const { run } = await runJob({
          projectDir: directory,
          loaded: loadJob(directory, 'small'),
          target: 'test',
          warehouse,
          crm,
          runId,
          asOf: parseDay(asOf),
          trigger: more.slot === undefined ? 'manual' : 'schedule',
          mode: 'publish',
          allowOlder: false,
          threads: 1,
          now: () => new Date(),
          signal: new AbortController().signal,
          progress,
          log,
          ...more,
        });
        return { ended: run.status, runId };
      } catch (error) {
        return { ended: error instanceof SegtagError ? error.code : String(error), runId, error };
      }
    },
  };
}
