import { count, percent } from './format.ts';
import type { Night } from './night.ts';
import { namesOf, shownSegments } from './segments.ts';

/** The night in one sentence for somebody who runs campaigns. */
export function headlineOf({ status, summary }: Night): string {
  const { counts } = summary;
  const total = shownSegments(summary).reduce((sum, { customers }) => sum + customers, 0);
  const isWritten = status === 'published' || status === 'rolled_back';
  const verb = isWritten ? 'changed' : 'would change';
  if (summary.run.base_run === null) return firstNight(summary, total, isWritten);
  if (counts.entered + counts.moved + counts.left === 0)
    return `Nothing changed: ${count(total)} customers keep their segment.`;
  const others = [entering(counts.entered, isWritten), leaving(counts.left, isWritten)].filter((text) => text !== '');
  const tail = others.length === 0 ? '' : `; ${others.join(' and ')}`;
  if (counts.moved === 0) return `No customer ${verb} segment${tail}.`;
  const who = counts.moved === 1 ? '1' : count(counts.moved);
  return `${who} of ${count(total)} customers ${verb} segment${largestMove(summary)}${tail}.`;
}

function firstNight(summary: Night['summary'], total: number, isWritten: boolean): string {
  const largest = shownSegments(summary).toSorted((a, b) => b.customers - a.customers)[0];
  const tail = largest ? `; the largest segment is ${largest.name} with ${percent(largest.share)}` : '';
  return `${count(total)} customers ${isWritten ? 'have' : 'would have'} a segment for the first time${tail}.`;
}

function largestMove(summary: Night['summary']): string {
  const nameOf = namesOf(summary);
  const move = summary.moves.find(({ from, to }) => from !== null && to !== null);
  return move
    ? `; the largest move is from ${nameOf(move.from!)} to ${nameOf(move.to!)} (${count(move.customers)})`
    : '';
}

function entering(entered: number, isWritten: boolean): string {
  return entered === 0 ? '' : `${count(entered)} ${isWritten ? 'entered' : 'would enter'}`;
}

function leaving(left: number, isWritten: boolean): string {
  return left === 0 ? '' : `${count(left)} ${isWritten ? 'left' : 'would leave'}`;
}
