import type { Progress, StageName } from '../pipeline/context.ts';
import { formatCount, formatElapsed } from './text/numbers.ts';
import type { Terminal } from './terminal.ts';

/** Progress that is told until it is stopped. */
type ToldProgress = { readonly progress: Progress; stop(): void };

/** For work that nobody watches. */
export const silentProgress: Progress = {
  started: () => {},
  advanced: () => {},
  finished: () => {},
  waiting: () => {},
};

/** What a stage has come to. */
export type StageState = {
  readonly stage: StageName;
  readonly elapsedMs: number;
  /** Rows so far; absent for a stage that counts none. */
  readonly rows?: number;
  /** Rows of an earlier night; absent where there was none. */
  readonly expectedRows?: number | undefined;
};

const redrawMs = 250;

/** Tells each finished stage as a line, and on the live line how far the one under way has come. */
export function toldProgress(terminal: Terminal): ToldProgress {
  let current: { stage: StageName; startedAt: number; rows?: number; expectedRows?: number | undefined } | undefined;
  const draw = (): void => {
    if (!current) return;
    const { startedAt, ...state } = current;
    terminal.live(liveText({ ...state, elapsedMs: performance.now() - startedAt }));
  };
  const timer = setInterval(draw, redrawMs).unref();
  const progress: Progress = {
    waiting: (note) => terminal.say(`${terminal.style('yellow', '…')} ${note}`),
    started(stage) {
      current = { stage, startedAt: performance.now() };
      draw();
    },
    advanced(stage, rows, expectedRows) {
      current = { startedAt: performance.now(), ...current, stage, rows, expectedRows };
      draw();
    },
    finished(stage, note, elapsedMs) {
      current = undefined;
      const took = terminal.style('dim', formatElapsed(elapsedMs));
      terminal.say(`${terminal.style('green', '✓')} ${stage.padEnd(9)} ${note}  ${took}`);
    },
  };
  return { progress, stop: () => clearInterval(timer) };
}

const barWidth = 20;

/** How far a stage has come, in one line: with a bar and the time left where an earlier night says how much there is. */
export function liveText({ stage, elapsedMs, rows, expectedRows }: StageState): string {
  const start = `… ${stage.padEnd(9)}`;
  const elapsed = formatElapsed(elapsedMs);
  if (rows === undefined) return elapsedMs < 1000 ? start.trimEnd() : `${start} ${elapsed}`;
  const perSecond = (rows / Math.max(elapsedMs, 1)) * 1000;
  const counted = `${formatCount(rows)} rows  ${formatCount(perSecond)}/s`;
  if (expectedRows === undefined || rows === 0 || rows > expectedRows) return `${start} ${counted}  ${elapsed}`;
  const share = rows / expectedRows;
  const done = Math.floor(share * barWidth);
  const bar = `${'█'.repeat(done)}${'░'.repeat(barWidth - done)} ${String(Math.floor(share * 100)).padStart(3)}%`;
  return `${start} ${bar}  ${counted}  ${formatElapsed(((expectedRows - rows) / perSecond) * 1000)} left`;
}
