import { SegtagError } from '../errors.ts';

/**
 * Runs work under a signal that the first SIGINT or SIGTERM aborts, so that it stops at the next
 * safe point; a second one ends the process at once.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const stop = (name: 'SIGINT' | 'SIGTERM') => (): void => {
    const exit = name === 'SIGINT' ? 130 : 143;
    if (controller.signal.aborted) process.exit(exit);
    controller.abort(
      new SegtagError(name === 'SIGINT' ? 'E_INTERRUPTED' : 'E_TERMINATED', {
        what: `Stopped by ${name}. Nothing was published by this run.`,
        remedy: 'Run the job again; it starts from the published state.',
      }),
    );
  };
  const handlers = { SIGINT: stop('SIGINT'), SIGTERM: stop('SIGTERM') };
  process.on('SIGINT', handlers.SIGINT).on('SIGTERM', handlers.SIGTERM);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', handlers.SIGINT).off('SIGTERM', handlers.SIGTERM);
  }
}
