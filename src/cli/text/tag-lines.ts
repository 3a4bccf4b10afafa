import { isNull, type TextColumn } from '../../frame/column.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import { idAt } from '../../frame/id.ts';
import type { TagSet } from '../../frame/tags.ts';

/** Columns of exported tags, in their order, with their types in Parquet. */
export const tagColumns = {
  customer_id: 'VARCHAR',
  segment: 'VARCHAR',
  segment_name: 'VARCHAR',
  campaign: 'VARCHAR',
  previous_segment: 'VARCHAR',
  segment_since: 'DATE',
  control: 'TINYINT',
  scores: 'VARCHAR',
} as const;

const rowsAtOnce = 10_000;

/**
 * The active tags as CSV (RFC 4180), the header first, a few thousand lines at a time and without the
 * last line's end. A null is an empty field, an empty text a quoted one.
 */
export function* tagLines(tags: TagSet): Generator<string> {
  yield Object.keys(tagColumns).join(',');
  let lines: string[] = [];
  for (const row of activeRows(tags)) {
    if (lines.push(lineOf(tags, row)) < rowsAtOnce) continue;
    yield lines.join('\n');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('\n');
}

/** How many customers are active. */
export function countActive(tags: TagSet): number {
  let count = 0;
  for (const _ of activeRows(tags)) count++;
  return count;
}

function* activeRows({ rowCount, state }: TagSet): Generator<number> {
  for (let row = 0; row < rowCount; row++) if (textAt(state, row) === 'active') yield row;
}

function lineOf(tags: TagSet, row: number): string {
  const control = tags.control?.[row] ?? -1;
  return [
    idAt(tags.customerId, row),
    textAt(tags.segment, row),
    textAt(tags.segmentName, row),
    textAt(tags.campaign, row),
    textAt(tags.previousSegment, row),
    isNull(tags.segmentSince, row) ? null : formatDay(tags.segmentSince.values[row]! as Day),
    control < 0 ? null : String(control),
    tags.scores ? textAt(tags.scores, row) : null,
  ]
    .map(field)
    .join(',');
}

function textAt({ codes, dictionary }: TextColumn, row: number): string | null {
  return dictionary[codes[row]!] ?? null;
}

function field(text: string | null): string {
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
