import type { Column } from '../../frame/column.ts';
import { parseDay } from '../../frame/day.ts';
import type { Atom, Comparator, Literal, RowOperand, RowPredicate } from '../../job/expression/expression.ts';

const isFalse = 0;
const isTrue = 1;
const isUnknown = 2;

/**
 * Marks with 1 the rows that satisfy a condition. As in SQL a comparison with a null (or a NaN) is
 * neither true nor false, also behind `not`, and what is not true is not marked. A date
 * compares with text written `YYYY-MM-DD`. Throws a plain Error on a column that is
 * absent or of a kind that the literal can't be compared with: the job's own checks come first.
 */
export function matchRows(columns: ReadonlyMap<string, Column>, predicate: RowPredicate, rowCount: number): Uint8Array {
  return truthOf(columns, predicate, rowCount).map((truth) => (truth === isTrue ? 1 : 0));
}

function truthOf(columns: ReadonlyMap<string, Column>, predicate: RowPredicate, rowCount: number): Uint8Array {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const decisive = predicate.kind === 'and' ? isFalse : isTrue;
      const parts = predicate.parts.map((part) => truthOf(columns, part, rowCount));
      return parts.reduce((left, right) => left.map((truth, row) => join(truth, right[row]!, decisive)));
    }
    case 'not':
      return truthOf(columns, predicate.part, rowCount).map((truth) => (truth === isUnknown ? isUnknown : 1 - truth));
    default:
      return atomTruth(columns, predicate, rowCount);
  }
}

function join(a: number, b: number, decisive: number): number {
  if (a === decisive || b === decisive) return decisive;
  return a === isUnknown || b === isUnknown ? isUnknown : 1 - decisive;
}

function atomTruth(columns: ReadonlyMap<string, Column>, atom: Atom<RowOperand>, rowCount: number): Uint8Array {
  const column = columns.get(atom.operand.column);
  if (!column) throw new Error(`no column "${atom.operand.column}" to compare`);
  const values = valuesOf(column);
  const test = testOf(atom, column.kind);
  const truth = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const value = column.nulls?.[row] === 1 ? null : values(row);
    const missing = value === null || Number.isNaN(value);
    if (atom.kind === 'is_null') truth[row] = missing ? isTrue : isFalse;
    else truth[row] = missing ? isUnknown : test(value) ? isTrue : isFalse;
  }
  return truth;
}

function valuesOf(column: Column): (row: number) => number | string | boolean {
  switch (column.kind) {
    case 'number':
    case 'day':
      return (row) => column.values[row]!;
    case 'boolean':
      return (row) => column.values[row] === 1;
    case 'text':
      return (row) => column.dictionary[column.codes[row]!]!;
    default:
      throw new Error(`a ${column.kind} column cannot be compared`);
  }
}

function testOf(atom: Atom<RowOperand>, kind: Column['kind']): (value: Literal) => boolean {
  const read = (literal: Literal): Literal => {
    const value = kind === 'day' && typeof literal === 'string' ? parseDay(literal) : literal;
    const fits = typeof value === (kind === 'text' ? 'string' : kind === 'boolean' ? 'boolean' : 'number');
    if (!fits) throw new Error(`"${atom.operand.column}" is ${kind} and cannot be compared with ${String(literal)}`);
    return value;
  };
  switch (atom.kind) {
    case 'is_null':
      return () => false;
    case 'in': {
      const wanted = new Set(atom.values.map(read));
      return (value) => wanted.has(value);
    }
    case 'between': {
      const { low, high } = atom;
      read(low);
      return (value) => Number(value) >= low && Number(value) <= high;
    }
    case 'compare': {
      const wanted = read(atom.value);
      return (value) => compares(value, atom.comparator, wanted);
    }
  }
}

function compares(a: Literal, comparator: Comparator, b: Literal): boolean {
  switch (comparator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
  }
}
