import { setTimeout as sleep } from 'node:timers/promises';
import { SegtagError } from '../errors.ts';
import type { RunContext } from './context.ts';

/** Does a step, and does it again after a transient failure. `attempt` counts from 1. */
export type Retry = <Result>(step: string, work: (attempt: number) => Promise<Result>) => Promise<Result>;

type RetryContext = Pick<RunContext, 'loaded' | 'runId' | 'log' | 'progress' | 'firstPauseMs'>;

const longestPauseMs = 30_000;

/**
 * Repeats what failed transiently, with pauses that double and vary by half, until the run has spent
 * its budget on pauses and repetitions. Every other failure ends it at once, and so does an abort, but not ahead
 * of the first attempt: what must follow a publish follows it.
 */
export function createRetry(context: RetryContext, signal: AbortSignal): Retry {
  const budgetMs = context.loaded.job.retry.budget_seconds * 1000;
  let spentMs = 0;
  return async (step, work) => {
    let pauseMs = context.firstPauseMs ?? 500;
    for (let attempt = 1; ; attempt++) {
      const start = performance.now();
      try {
        return await work(attempt);
      } catch (error) {
        if (attempt > 1) spentMs += performance.now() - start;
        const wait = pauseMs * (0.5 + Math.random());
        if (!(error instanceof SegtagError) || !error.transient || spentMs + wait > budgetMs) throw error;
        tell(context, { step, attempt, error, wait });
        spentMs += wait;
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
        await sleep(wait, undefined, { signal }).catch(() => {});
        signal.throwIfAborted();
      }
    }
  };
}

type Failed = {
  readonly step: string;
  readonly attempt: number;
  readonly error: SegtagError;
  readonly wait: number;
};

function tell({ log, progress }: RetryContext, { step, attempt, error, wait }: Failed): void {
  const { code, what } = error;
  const fields = { step, attempt, code, cause: what, pause_ms: Math.round(wait) };
  log.warn('a transient failure, trying again', fields);
  progress.waiting(`${step} failed (${code}), trying again in ${(wait / 1000).toFixed(1)} s`);
}
