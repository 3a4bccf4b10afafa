import type { RestoreSummary } from '../../pipeline/decisions/restore-summary.ts';
import { formatCount } from './numbers.ts';
import { guardText, movesText, type SummaryTextOptions } from './summary.ts';

/** The result of a rollback or a repair for a person. */
export function formatRestore(summary: RestoreSummary, { showIds }: SummaryTextOptions): string {
  const { notes } = summary;
  const parts = [movesText(summary), conflictText(summary, showIds), guardText(summary), notes.join('\n')];
  return [...parts.filter((part) => part !== ''), lastLine(summary)].join('\n\n');
}

function conflictText({ conflicts }: RestoreSummary, showIds: boolean): string {
  if (conflicts.customers === 0) return '';
  const ids = conflicts.customer_ids ?? [];
  const more = conflicts.customers > ids.length ? ', …' : '';
  const named = showIds ? `: ${ids.join(', ')}${more}` : ' (--show-ids names them)';
  const rows = conflicts.customers === 1 ? 'row has' : 'rows have';
  return `${formatCount(conflicts.customers)} ${rows} been written to by somebody else and stay as they are${named}`;
}

function lastLine({ run, counts }: RestoreSummary): string {
  const { entered, moved, left, updated } = counts;
  const details = `${formatCount(entered)} entered, ${formatCount(moved)} moved, ${formatCount(left)} left, ${formatCount(updated)} updated`;
  const place = `${run.table} (${run.staging})`;
  switch (run.status) {
    case 'published':
      return `Wrote ${formatCount(entered + moved + left + updated)} tags to ${place}: ${details}. They are those of ${run.restores} again.`;
    case 'held':
      return `Held. Nothing was written to ${place}. Publish it all the same: segtag approve ${run.id} --reason "…"`;
    case 'planned':
      return `Planned: ${details}. Nothing was written to ${place}. Publish it: segtag approve ${run.id}`;
    default:
      return `${run.status}: ${run.id}`;
  }
}
