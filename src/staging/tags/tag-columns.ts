import type { ControlFlag, TagState } from '../../frame/tags.ts';
import type { Row } from '../engines/engine.ts';

/** The rows of one job in its table. */
export type TagTable = { readonly job: string; readonly table: string };

/** What a tag and a candidate say of a customer, beside who wrote it and when. */
export const stateColumns = [
  ['segment', 'segment'],
  ['segment_name', 'segmentName'],
  ['campaign', 'campaign'],
  ['previous_segment', 'previousSegment'],
  ['segment_since', 'segmentSince'],
  ['scores', 'scores'],
  ['state', 'state'],
  ['control', 'control'],
] as const satisfies readonly (readonly [string, keyof TagState])[];

/** The state columns of an alias, each under a prefix of its own. */
export function selectState(alias: string, prefix: string): string {
  return stateColumns.map(([column]) => `${alias}.${column} as ${prefix}${column}`).join(', ');
}

/** The state that `selectState` read. */
export function stateOf(row: Row, prefix: string): TagState {
  const values = stateColumns.map(([column, key]) => {
    const value = row[prefix + column];
    if (value === null) return [key, null];
    return [key, key === 'control' ? (Number(value) as ControlFlag) : String(value)];
  });
  return Object.fromEntries(values) as TagState;
}

/** Joins a row of segment_change with what its run wrote for the customer then. */
export function joinWritten(change: string, run: string, written: string, join = 'join'): string {
  return `${join} segtag_run ${run} on ${run}.run_id = ${change}.run_id
    ${join} segtag_candidate ${written} on ${written}.run_id = ${run}.run_id
      and ${written}.position = ${change}.change_seq - ${run}.first_seq + 1`;
}
