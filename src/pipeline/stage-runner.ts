import type { RunContext, StageName } from './context.ts';

/** Does the work of one stage, times it, and tells those who watch how it went. */
export type StageRunner = <Result>(
  name: StageName,
  work: () => Result | Promise<Result>,
  note: (result: Result) => string,
) => Promise<Result>;

/** A runner that stops before a stage once the run is aborted, and writes down the milliseconds of each. */
export function stageRunner(context: RunContext, timings: Record<string, number>): StageRunner {
  return async (name, work, note) => {
    context.signal.throwIfAborted();
    context.progress.started(name);
    const start = performance.now();
    const result = await work();
    const elapsedMs = performance.now() - start;
    timings[name] = Math.round(elapsedMs);
    const line = note(result);
    context.progress.finished(name, line, elapsedMs);
    context.log.info(line, { stage: name, ms: timings[name] });
    return result;
  };
}
