import { writeSync } from 'node:fs';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { nightOf } from './in-process.ts';
import { onEachStatement } from './statement-hook.ts';

/** What a run of its own process is told: where to stop, and how. */
export type CrashPlan = {
  readonly projectDir: string;
  readonly asOf: string;
  readonly crm: ResolvedConnection;
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
try {
  const { run } = await nightOf({ directory: plan.projectDir }, plan.crm, plan.asOf, {
    trigger: 'schedule',
    ...(plan.slot === undefined ? {} : { slot: new Date(plan.slot) }),
    leaseMs: plan.leaseMs,
    signal: controller.signal,
  });
  process.stdout.write(JSON.stringify({ statements, ended: run.status }));
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  process.stdout.write(JSON.stringify({ statements, ended: code }));
}
