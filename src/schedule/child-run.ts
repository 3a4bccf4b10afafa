import { spawn } from 'node:child_process';
import type { DueSlot } from '../analysis/decide/due-slots.ts';
import type { Logger } from '../logger.ts';

/** A run in a child process, so that a crash or a leak of one run never touches the schedule or another run. */
export type ChildRun = {
  readonly job: string;
  readonly slot: DueSlot;
  /** Program and arguments of a run of this slot. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** How long it may take to stop after SIGTERM before it is killed. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
};

/** Starts the run, waits for its end, and returns its exit code; 143 when it had to be stopped. */
export async function runChild(run: ChildRun): Promise<number> {
  const { job, log, signal, graceMs } = run;
  const [program, ...args] = run.command;
  const slot = run.slot.scheduledAt.toISOString();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  log.info('run started', { job, slot, trigger: run.slot.trigger, pid: child.pid });
  let patience: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill('SIGTERM');
    patience = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  const overdue = setTimeout(() => {
    log.error('run takes too long and is stopped', { job, slot, timeout_ms: run.timeoutMs });
    stop();
  }, run.timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return new Promise((resolve) => {
    const ended = (exit: number, by: string | null): void => {
      clearTimeout(overdue);
      clearTimeout(patience);
      signal.removeEventListener('abort', stop);
      log.log(exit === 0 ? 'info' : 'error', 'run ended', {
        job,
        slot,
        pid: child.pid,
        exit,
        ...(by ? { signal: by } : {}),
      });
      resolve(exit);
    };
    child.once('error', (error) => {
      log.error('run could not be started', { job, slot, cause: error.message });
      ended(1, null);
    });
    child.once('exit', (code, by) => ended(code ?? 143, by));
  });
}
