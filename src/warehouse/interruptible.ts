import { SegtagError } from '../errors.ts';
import type { ReadOptions } from './warehouse.ts';

type Limits = {
  readonly timeoutMs: number;
  /** For engines that keep the time limit themselves: how much later we step in. */
  readonly graceMs?: number;
  readonly signal: AbortSignal | undefined;
  /** Where a time-out happened, for its message. */
  readonly where: string;
  /** Tells the engine to stop; called once. After it `work` must settle soon. */
  readonly cancel: () => void;
};

/** Beyond it Node fires a timer at once, and PostgreSQL refuses the limit. */
export const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Runs `work` within a time limit and under an abort signal. Either way the engine is told to
 * stop and `work` is awaited; then the time-out is E_WAREHOUSE_TIMEOUT and an abort rejects with
 * the signal's reason.
 */
export async function interruptible<T>(limits: Limits, work: () => Promise<T>): Promise<T> {
  const { timeoutMs, graceMs = 0, signal, where, cancel } = limits;
  signal?.throwIfAborted();
  const stopped: { why?: 'time-out' | 'abort'; cause?: unknown } = {};
  const stop = (why: 'time-out' | 'abort'): void => {
    if (stopped.why !== undefined) return;
    stopped.why = why;
    cancel();
  };
  const onAbort = (): void => stop('abort');
  const timer = setTimeout(() => stop('time-out'), Math.min(timeoutMs + graceMs, longestTimeoutMs));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await work();
    // What a stopped engine calls a result may be the first half of it.
    if (stopped.why === undefined) return result;
  } catch (error) {
    if (stopped.why === undefined) throw error;
    stopped.cause = error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
  throw stopped.why === 'abort' ? signal?.reason : timedOut(timeoutMs, where, stopped.cause);
}

/** E_WAREHOUSE_TIMEOUT for a read that was given `timeoutMs`. */
export function timedOut(timeoutMs: number, where: string, cause?: unknown): SegtagError {
  return new SegtagError('E_WAREHOUSE_TIMEOUT', {
    where,
    what: `The query ran longer than its limit of ${(timeoutMs / 1000).toLocaleString('en-US')} s and was cancelled.`,
    remedy: 'Raise source.timeout_seconds, or make the query faster: read less history, or an aggregated table.',
    cause,
  });
}

const progressEveryMs = 250;

/** Throttles `onProgress` to a few calls a second; the returned function takes the rows read so far. */
export function throttled(onProgress: ReadOptions['onProgress']): (rows: number) => void {
  if (!onProgress) return () => {};
  let last = performance.now();
  return (rows) => {
    if (performance.now() - last < progressEveryMs) return;
    onProgress(rows);
    last = performance.now();
  };
}
