import type { NightSummary } from '../night.ts';
import type { Table } from '../table.ts';

const verdicts = ['failed', 'held', 'warned', 'passed', 'off'] as const;

const words: Readonly<Record<(typeof verdicts)[number], string>> = {
  failed: '✕ failed',
  held: '✕ held',
  warned: '! warned',
  passed: '✓ passed',
  off: '– off',
};

/** What did not pass, the failures first; null where all did. */
export function troubleTable(summary: NightSummary): Table | null {
  const rows = judged(summary).filter(({ verdict }) => verdict !== 'passed' && verdict !== 'off');
  return rows.length === 0 ? null : tableOf('troubles', 'What did not pass', rows);
}

/** All that was asked of the rows and of the result, the failures first. */
export function verdictTable(summary: NightSummary): Table {
  const rows = judged(summary);
  return {
    ...tableOf('checks-and-guards', `All checks and guards: ${passedText(summary)} passed`, rows),
    isFolded: true,
  };
}

/** `20 of 21`: of the checks and guards that are not off. */
export function passedText({ checks, guards }: Pick<NightSummary, 'checks' | 'guards'>): string {
  const verdicts = [...checks, ...guards].map(({ verdict }) => verdict).filter((verdict) => verdict !== 'off');
  return `${verdicts.filter((verdict) => verdict === 'passed').length} of ${verdicts.length}`;
}

type Judged = {
  readonly kind: 'check' | 'guard';
  readonly name: string;
  readonly message: string;
  readonly limit: string;
  readonly verdict: (typeof verdicts)[number];
};

function judged({ checks, guards }: NightSummary): Judged[] {
  const all: Judged[] = [
    ...checks.map(({ check, ...found }) => ({ kind: 'check' as const, name: check, ...found })),
    ...guards.map(({ guard, ...found }) => ({ kind: 'guard' as const, name: guard, ...found })),
  ];
  return all.sort((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict));
}

function tableOf(id: string, title: string, rows: readonly Judged[]): Table {
  return {
    id,
    title,
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
