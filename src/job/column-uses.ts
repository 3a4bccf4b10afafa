import { profileColumns, rowColumns, type Usage } from './expression/columns.ts';
import type { Range } from './mistake.ts';
import { isRecord, valueAt } from './plain-value.ts';
import type { ColumnType } from './schema.ts';
import type { Path } from './yaml-text.ts';

/** A column of customers.sql that the job names: where, and what it is used for. */
export type ColumnUse = {
  readonly column: string;
  readonly path: Path;
  /** The path's key is the name, not its value. */
  readonly atKey: boolean;
  readonly as: Usage;
  /** Where in the text at the path the name stands, if it is only part of it. */
  readonly span?: Range;
};

/** The types that each use can do with; undefined is all of them. */
export const typesFor: Readonly<Record<Usage, readonly ColumnType[] | undefined>> = {
  category: ['text'],
  id: ['text', 'number'],
  any: undefined,
  number: ['number', 'money'],
  time: ['date', 'timestamp'],
  comparable: ['number', 'money', 'text', 'date', 'boolean'],
  text: ['text', 'date'],
  boolean: ['boolean'],
};

/** Every column that a job names outside its contract, in no particular order; the job may hold values that nobody has checked yet. */
export function columnUses(job: unknown): ColumnUse[] {
  const uses: ColumnUse[] = [];
  const add = (column: unknown, path: Path, as: Usage, atKey = false): void => {
    if (typeof column === 'string') uses.push({ column, path, atKey, as });
  };
  const addList = (path: Path, as: Usage): void => {
    const columns = valueAt(job, path);
    if (Array.isArray(columns)) for (const [i, column] of columns.entries()) add(column, [...path, i], as);
  };
  add(valueAt(job, ['source', 'customer_id']), ['source', 'customer_id'], 'id');
  const checks = valueAt(job, ['checks']);
  for (const i of Array.isArray(checks) ? checks.keys() : []) {
    addList(['checks', i, 'columns'], valueAt(job, ['checks', i, 'check']) === 'range' ? 'number' : 'any');
    add(valueAt(job, ['checks', i, 'column']), ['checks', i, 'column'], 'time');
  }
  addList(['outliers', 'columns'], 'number');
  const features = valueAt(job, ['features']);
  for (const column of isRecord(features) ? Object.keys(features) : [])
    add(column, ['features', column], isOfTexts(job, column) ? 'category' : 'number', true);
  for (const [i] of listAt(job, ['labels']).entries()) {
    const path = ['labels', i, 'children', 'features'];
    const ofChildren = valueAt(job, path);
    for (const column of isRecord(ofChildren) ? Object.keys(ofChildren) : [])
      add(column, [...path, column], 'number', true);
  }
  for (const axis of ['recency', 'frequency', 'monetary']) {
    const written = valueAt(job, ['segments', axis]);
    // A column alone, or one with how to score it; the reader makes the second of the first.
    if (isRecord(written)) add(written['column'], ['segments', axis, 'column'], 'number');
    else add(written, ['segments', axis], 'number');
  }
  return [...uses, ...ruleUses(job), ...labelUses(job)];
}

/** A feature with an order or categories is made of texts. */
function isOfTexts(job: unknown, column: string): boolean {
  const feature = valueAt(job, ['features', column]);
  return isRecord(feature) && (feature['order'] !== undefined || feature['categories'] !== undefined);
}

/** Columns in the conditions of labels; of a job already read or still as text. */
function labelUses(job: unknown): ColumnUse[] {
  const paths = listAt(job, ['labels']).flatMap((_, i): Path[] => {
    const own = ['labels', i];
    const children = [...own, 'children', 'labels'];
    return [own, ...listAt(job, children).map((__, j) => [...children, j])];
  });
  return paths.flatMap((path) => [
    ...profileColumns(valueAt(job, [...path, 'when'])).map((use) => ({
      ...use,
      path: [...path, 'when'],
      atKey: false,
    })),
    ...rowColumns(valueAt(job, [...path, 'guard'])).map((use) => ({ ...use, path: [...path, 'guard'], atKey: false })),
  ]);
}

function listAt(job: unknown, path: Path): readonly unknown[] {
  const list = valueAt(job, path);
  return Array.isArray(list) ? list : [];
}

/** Columns in the conditions of rules; of a job already read or still as text. */
function ruleUses(job: unknown): ColumnUse[] {
  const paths = [
    ['segments', 'rules'],
    ['rule_tag', 'rules'],
  ].flatMap((list): Path[] => listAt(job, list).map((_, i) => [...list, i, 'when']));
  return paths.flatMap((path) => rowColumns(valueAt(job, path)).map((use) => ({ ...use, path, atKey: false })));
}
