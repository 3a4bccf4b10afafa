import { isNull, type Column } from '../../frame/column.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import type { Frame } from '../../frame/frame.ts';
import { idAt } from '../../frame/id.ts';
import { formatTimestamp, timestampDay } from '../../frame/timestamp.ts';
import type { Check } from '../../job/schema.ts';
import { countRepeats, type SortedIds } from './repeats.ts';
import { exceeds } from './threshold.ts';

type Verdict = 'passed' | 'warned' | 'failed';

/** What one check found, in numbers; never a customer's value. */
export type Finding = {
  readonly check: Check['check'] | 'correlated_features';
  readonly columns: readonly string[];
  /** Failures, rows, a coefficient, or the age in days; null for the age of a column without a date. */
  readonly found: number | null;
  readonly limit: string;
  readonly verdict: Verdict;
  readonly message: string;
};

/** A cleaning rule that ran in SQL, as quality.sql counts it. */
export type RemovedRows = { readonly rule: string; readonly rowsIn: number; readonly rowsRemoved: number };

export type CheckInput = {
  readonly frame: Frame;
  readonly asOf: Day;
  readonly removed: readonly RemovedRows[];
  /** Row counts of the last successful runs, newest first. */
  readonly recentCounts: readonly number[];
  /** Where the rows have been sorted by id before. */
  readonly sortedIds?: SortedIds;
};

/** Runs every check of a job over the extracted rows, in the order of the job file. Columns must exist. */
export function runChecks(checks: readonly Check[], input: CheckInput): Finding[] {
  return checks.map((check) => {
    const finding = runCheck(check, input);
    if (check.message === undefined || finding.verdict === 'passed') return finding;
    return { ...finding, message: `${finding.message}: ${check.message}` };
  });
}

function runCheck(check: Check, input: CheckInput): Finding {
  const { frame } = input;
  switch (check.check) {
    case 'unique':
      return failures(
        check,
        frame.rowCount,
        countRepeats(columnsOf(frame, check.columns), input.sortedIds),
        'rows repeat',
      );
    case 'not_null':
      return failures(check, frame.rowCount, countRows(frame, check.columns, isNull), 'values are null');
    case 'range':
      return failures(check, frame.rowCount, countOutside(frame, check), `values lie outside ${describeRange(check)}`);
    case 'accepted_values':
      return failures(check, frame.rowCount, countUnaccepted(frame, check), 'values are not in the list');
    case 'row_count':
      return checkRowCount(check, input);
    case 'freshness':
      return checkFreshness(check, input);
    case 'removed':
      return checkRemoved(check, input.removed);
  }
}

type CountingCheck = Extract<Check, { check: 'unique' | 'not_null' | 'range' | 'accepted_values' }>;

function failures(check: CountingCheck, rows: number, found: number, what: string): Finding {
  const errorIf = check.error_if ?? (check.severity === 'error' ? '> 0' : undefined);
  const warnIf = check.warn_if ?? (check.severity === 'warn' ? '> 0' : undefined);
  const failed = errorIf !== undefined && check.severity === 'error' && exceeds(errorIf, found, rows);
  const warned = !failed && warnIf !== undefined && exceeds(warnIf, found, rows);
  return {
    check: check.check,
    columns: check.columns,
    found,
    limit: [errorIf && `error if ${errorIf}`, warnIf && `warn if ${warnIf}`].filter(Boolean).join(', '),
    verdict: failed ? 'failed' : warned ? 'warned' : 'passed',
    message: `${found.toLocaleString('en-US')} ${what} in ${check.columns.join(', ')}`,
  };
}

function graded(severity: 'error' | 'warn', ok: boolean): Verdict {
  if (ok) return 'passed';
  return severity === 'error' ? 'failed' : 'warned';
}

function checkRowCount(check: Extract<Check, { check: 'row_count' }>, input: CheckInput): Finding {
  const rows = input.frame.rowCount;
  const usual = median(input.recentCounts);
  const floor = usual === undefined || check.max_drop === undefined ? 0 : usual * (1 - check.max_drop);
  const tooMany = check.max !== undefined && rows > check.max;
  const ok = rows >= check.min && rows >= floor && !tooMany;
  const drop = rows < floor ? `; the last runs read ${usual!.toLocaleString('en-US')} (median)` : '';
  const limits = [`at least ${check.min}`];
  if (check.max !== undefined) limits.push(`at most ${check.max}`);
  if (check.max_drop !== undefined) limits.push(`at most ${percent(check.max_drop)} fewer than usual`);
  return {
    check: 'row_count',
    columns: [],
    found: rows,
    limit: limits.join(', '),
    verdict: graded(check.severity, ok),
    message: `${rows.toLocaleString('en-US')} rows${drop}`,
  };
}

function checkFreshness(check: Extract<Check, { check: 'freshness' }>, input: CheckInput): Finding {
  const newest = newestDay(input.frame.columns.get(check.column)!, input.frame.rowCount);
  const age = newest === undefined ? null : input.asOf - newest;
  return {
    check: 'freshness',
    columns: [check.column],
    found: age,
    limit: `at most ${check.max_age_days} days`,
    verdict: graded(check.severity, age !== null && age <= check.max_age_days),
    message:
      newest === undefined
        ? `${check.column} holds no date at all`
        : `the newest ${check.column} is ${formatDay(newest)}, ${age} days before as_of`,
  };
}

function checkRemoved(check: Extract<Check, { check: 'removed' }>, removed: readonly RemovedRows[]): Finding {
  const rule = removed.find((candidate) => candidate.rule === check.rule);
  const share = rule && rule.rowsIn > 0 ? rule.rowsRemoved / rule.rowsIn : 0;
  return {
    check: 'removed',
    columns: [],
    found: rule?.rowsRemoved ?? 0,
    limit: `at most ${percent(check.max_share)}`,
    verdict: graded(check.severity, rule !== undefined && share <= check.max_share),
    message: rule
      ? `${check.rule} removed ${rule.rowsRemoved.toLocaleString('en-US')} of ${rule.rowsIn.toLocaleString('en-US')} rows (${percent(share)})`
      : `quality.sql counts no rule "${check.rule}"`,
  };
}

function columnsOf(frame: Frame, names: readonly string[]): Column[] {
  return names.map((name) => frame.columns.get(name)!);
}

function countRows(frame: Frame, names: readonly string[], bad: (column: Column, row: number) => boolean): number {
  let found = 0;
  for (const column of columnsOf(frame, names)) {
    for (let row = 0; row < frame.rowCount; row++) if (bad(column, row)) found++;
  }
  return found;
}

function countOutside(frame: Frame, check: Extract<Check, { check: 'range' }>): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = check;
  return countRows(frame, check.columns, (column, row) => {
    if (isNull(column, row)) return false;
    const value = column.kind === 'number' ? column.values[row]! : Number.NaN;
    return !(value >= min && value <= max);
  });
}

function countUnaccepted(frame: Frame, check: Extract<Check, { check: 'accepted_values' }>): number {
  const accepted = new Set(check.values);
  return countRows(frame, check.columns, (column, row) => !isNull(column, row) && !accepted.has(textAt(column, row)));
}

/** The text by which a job file says this value. */
function textAt(column: Column, row: number): string {
  switch (column.kind) {
    case 'text':
      return column.dictionary[column.codes[row]!]!;
    case 'id':
      return idAt(column, row);
    case 'boolean':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'day':
      return formatDay(column.values[row]! as Day);
    case 'timestamp':
      return formatTimestamp(column.values[row]!);
    case 'number':
      return String(column.values[row]);
  }
}

function newestDay(column: Column, rowCount: number): Day | undefined {
  let newest: Day | undefined;
  for (let row = 0; row < rowCount; row++) {
    if (isNull(column, row)) continue;
    const day = dayAt(column, row);
    if (newest === undefined || day > newest) newest = day;
  }
  return newest;
}

function dayAt(column: Column, row: number): Day {
  if (column.kind === 'timestamp') return timestampDay(column.values[row]!);
  if (column.kind === 'day') return column.values[row]! as Day;
  throw new Error('freshness needs a date or timestamp column');
}

function describeRange(check: Extract<Check, { check: 'range' }>): string {
  return `${check.min ?? '-∞'} to ${check.max ?? '∞'}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
