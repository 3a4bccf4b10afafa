import type { Logger } from '../logger.ts';

/**
 * Does `work` at once and then again and again, never twice at the same time, until the signal aborts.
 * A failure is logged and does not end it.
 */
export function repeat(
  work: () => Promise<void>,
  { everyMs, signal, log }: { readonly everyMs: number; readonly signal: AbortSignal; readonly log: Logger },
): void {
  let busy = false;
  const once = async (): Promise<void> => {
    if (busy || signal.aborted) return;
    busy = true;
    await work().catch((error: unknown) => log.error('could not look after the jobs', { cause: String(error) }));
    busy = false;
  };
  const timer = setInterval(() => void once(), everyMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  void once();
}
