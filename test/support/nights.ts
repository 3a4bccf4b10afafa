import { SegtagError } from '../../src/errors.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import { newRunId } from '../../src/pipeline/run-id.ts';
import { nightOf } from './in-process.ts';
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
    | 'crm'
    | 'warehouse'
    | 'log'
  >
> & { readonly asOf?: string };

/** How a night ended: the status of its run, or the code of the error that it threw; and its run. */
export type Night = { readonly ended: string; readonly runId: string; readonly error?: unknown };

/** A project whose nights run inside this process. */
export type Nights = {
  readonly directory: string;
  customersAre(customers: readonly Customer[]): void;
  run(options?: NightOptions): Promise<Night>;
};

/** The job of `test/projects/small`, run in this process against a staging database. */
export function nightsOf(database: StagingDatabase, customers: readonly Customer[] = sixtyCustomers): Nights {
  const { directory } = smallProject(database, customers);
  return {
    directory,
    customersAre: (now) => writeCustomers({ directory }, now),
    async run({ asOf = '2026-06-30', crm = database.connection, ...more } = {}) {
      const runId = newRunId('small', new Date());
      const trigger = more.slot === undefined ? 'manual' : 'schedule';
      try {
        const { run } = await nightOf({ directory }, crm, asOf, { runId, trigger, threads: 1, ...more });
        return { ended: run.status, runId };
      } catch (error) {
        return { ended: error instanceof SegtagError ? error.code : String(error), runId, error };
      }
    },
  };
}
