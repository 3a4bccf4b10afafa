import type { ProfileOperand } from '../../job/expression/expression.ts';
import type { Job } from '../../job/schema.ts';
import type { Interval } from '../expression/degree.ts';

/** Where the values of a column can lie at all, and which words of the job say so. */
export type Window = Interval & { readonly because: string };

const everywhere: Interval = { low: -Infinity, high: Infinity };

/**
 * The window of each column that the job bounds: by a `range` check that stops the run, or for a
 * recency by the parameter `window_days`.
 */
export function columnWindows(job: Pick<Job, 'checks' | 'source'>): Map<string, Window> {
  const windows = new Map<string, Window>();
  const days = job.source.params['window_days'];
  if (typeof days === 'number')
    for (const column of Object.keys(job.source.columns ?? {}))
      if (/^recency(_days)?$/.test(column)) windows.set(column, { low: 0, high: days, because: 'window_days' });
  for (const check of job.checks) {
    if (check.check !== 'range' || check.severity !== 'error') continue;
    for (const column of check.columns)
      windows.set(column, { low: check.min ?? -Infinity, high: check.max ?? Infinity, because: 'the range check' });
  }
  return windows;
}

/** Where a figure of a cluster can lie, whatever the data. */
export function figureRange(operand: ProfileOperand, windows: ReadonlyMap<string, Window>, k: number): Interval {
  switch (operand.kind) {
    case 'rank':
      return { low: 1, high: k };
    case 'share':
    case 'size_share':
    case 'revenue_share':
      return { low: 0, high: 1 };
    case 'statistic':
      if (operand.statistic === 'pct') return { low: 0, high: 100 };
      if (operand.statistic === 'index' || operand.statistic === 'z') return everywhere;
      return windows.get(operand.column) ?? everywhere;
  }
}
