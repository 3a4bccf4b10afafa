import { writeSync } from 'node:fs';
import { parseDay } from '../../src/frame/day.ts';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { createLogger } from '../../src/log.ts';
import { newRunId } from '../../src/pipeline/run-id.ts';
import { runJob } from '../../src/pipeline/run.ts';
import { onEachStatement } from './statement-hook.ts';

/** What a run of its own process is told: where to stop, and how. */
export type CrashPlan = {
  readonly projectDir: string;
  readonly job: string;
  readonly asOf: string;
  readonly crm: ResolvedConnection;
  readonly views: Readonly<Record<string, string>>;
  readonly slot?: string;
  readonly leaseMs: number;
  /** The number of the statement to the CRM before which it happens; 0 for never. */
  readonly at: number;
  readonly how: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'abort';
  /** Instead of a number: words of the first statement before which it happens. */
  readonly before?: string;
};

// A night in a process that stops in mid-work. Its last line says how many statements it sent, and how it ended.
const plan = JSON.parse(process.argv[2] ?? '') as CrashPlan;
const controller = new AbortController();
process.on('SIGTERM', () => controller.abort(new Error('terminated')));
let statements = 0;
let stopped = false;
onEachStatement((sql) => {
  statements++;
  if (stopped || (plan.before === undefined ? statements !== plan.at : !sql.includes(plan.before))) return;
  stopped = true;
  writeSync(2, 'stopped');
  if (plan.how === 'abort') controller.abort(new Error('aborted'));
  else process.kill(process.pid, plan.how);
});
const quiet = { started: () => {}, advanced: () => {}, finished: () => {}, waiting: () => {} };
try {
  const { run } = await runJob({
    projectDir: plan.projectDir,
    loaded: loadJob(plan.projectDir, plan.job),
    target: 'test',
    warehouse: {
      name: 'warehouse',
      target: 'test',
      config: { client: 'duckdb', file: ':memory:', views: plan.views },
    },
    crm: plan.crm,
    runId: newRunId(plan.job, new Date()),
    asOf: parseDay(plan.asOf),
    trigger: 'schedule',
    ...(plan.slot === undefined ? {} : { slot: new Date(plan.slot) }),
    mode: 'publish',
    allowOlder: false,
    leaseMs: plan.leaseMs,
    now: () => new Date(),
    signal: controller.signal,
    progress: quiet,
    log: createLogger(process.stderr, 'silent'),
  });
  process.stdout.write(JSON.stringify({ statements, ended: run.status }));
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  process.stdout.write(JSON.stringify({ statements, ended: code }));
}
