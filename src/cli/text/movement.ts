import type { RunSummary } from '../../pipeline/summary.ts';
import { formatCount } from './numbers.ts';
import { formatTable } from './table.ts';

/**
 * From where to where the customers went since the published night: a row per earlier segment and one for
 * who is new, a column per segment and one for who is gone. Empty on a first night and where nobody went.
 */
export function movementText(
  { moves, segments, run }: Pick<RunSummary, 'moves' | 'segments' | 'run'>,
  width?: number,
): string {
  if (run.base_run === null || moves.length === 0) return '';
  const now = segments.filter(({ customers }) => customers > 0).map(({ segment }) => segment);
  const before = moves.map(({ from }) => from).filter((from) => from !== null);
  const rows = [...new Set([...segments.map(({ segment }) => segment), ...before])].filter(
    (segment) => now.includes(segment) || before.includes(segment),
  );
  const went = (from: string | null, to: string | null): number =>
    moves.reduce((sum, move) => sum + (move.from === from && move.to === to ? move.customers : 0), 0);
  const arrived = (to: string): number =>
    moves.reduce((sum, move) => sum + (move.to === to && move.from !== to ? move.customers : 0), 0);
  const stayed = (slug: string): number =>
    (segments.find(({ segment }) => segment === slug)?.customers ?? 0) - arrived(slug);
  const counts = (from: string | null): number[] => [
    ...now.map((to) => (from === to ? stayed(to) : went(from, to))),
    from === null ? 0 : went(from, null),
  ];
  const line = (title: string, from: string | null): string[] => [
    title,
    ...counts(from).map((count) => (count === 0 ? '' : formatCount(count))),
  ];
  return formatTable(
    [
      { title: 'From \\ to', align: 'left' },
      ...[...now, '(gone)'].map((title) => ({ title, align: 'right' }) as const),
    ],
    [...rows.map((segment) => line(segment, segment)), line('(new)', null)],
    width,
  );
}
