import type { NightSummary } from '../night.ts';
import type { Table } from '../table.ts';

const verdicts = ['failed', 'held', 'warned', 'passed', 'off'] as const;

const words: Readonly<Record<(typeof verdicts)[number], string>> = {
  failed: '✕ failed',
  held: '✕ held the night',
  warned: '! warned',
  passed: '✓ passed',
  off: '– off',
};

/** What was asked of the rows and of the result, the failures first. */
export function verdictTable({ checks, guards }: NightSummary): Table {
  const rows = [
    ...checks.map(({ check, message, limit, verdict }) => ({ kind: 'check', name: check, message, limit, verdict })),
    ...guards.map(({ guard, message, limit, verdict }) => ({ kind: 'guard', name: guard, message, limit, verdict })),
  ].toSorted((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict));
  return {
    id: 'checks-and-guards',
    title: 'Checks and guards',
    columns: ['Verdict', 'Kind', 'Name', 'Found', 'Limit'].map((title) => ({ title, kind: 'text' })),
    rows: rows.map(({ verdict, kind, name, message, limit }) => [words[verdict], kind, name, message, limit]),
  };
}

/** What cleaning took away before anything was computed; null where nothing counts it. */
export function removedTable({ removed }: NightSummary): Table | null {
  if (removed.length === 0) return null;
  return {
    id: 'removed-rows',
    title: 'Rows left out before the customers were formed',
    columns: [
      { title: 'Rule', kind: 'text' },
      { title: 'Rows in', kind: 'count' },
      { title: 'Rows removed', kind: 'count' },
      { title: 'Share', kind: 'share' },
    ],
    rows: removed.map(({ rule, rows_in: rowsIn, rows_removed: rowsRemoved }) => [
      rule,
      rowsIn,
      rowsRemoved,
      rowsIn === 0 ? null : rowsRemoved / rowsIn,
    ]),
  };
}
