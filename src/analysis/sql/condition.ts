import type { Atom, Literal, RowOperand, RowPredicate } from '../../job/expression/expression.ts';
import type { ColumnType } from '../../job/schema.ts';
import { asBytes, asNumber, numberLiteral, quoteName, textLiteral, type SqlDialect } from './dialect.ts';

export type ConditionOptions = {
  readonly dialect: SqlDialect;
  /** Types of columns where the job has them; texts compare with a column of unknown type as with text. */
  readonly columns: Readonly<Record<string, ColumnType>>;
};

/** A condition on customers in SQL: numbers compare as doubles, texts byte by byte; a null, and a NaN, is unknown as `matchRows` has it. */
export function conditionSql(predicate: RowPredicate, options: ConditionOptions): string {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return `(${predicate.parts.map((part) => conditionSql(part, options)).join(` ${predicate.kind.toUpperCase()} `)})`;
    case 'not':
      return `(NOT ${conditionSql(predicate.part, options)})`;
    default:
      return `(${atomSql(predicate, options)})`;
  }
}

function atomSql(atom: Atom<RowOperand>, options: ConditionOptions): string {
  const { columns, dialect } = options;
  const { column } = atom.operand;
  const name = quoteName(column, dialect);
  switch (atom.kind) {
    case 'is_null':
      return isNumeric(columns[column]) ? `${asNumber(name, dialect)} IS NULL` : `${name} IS NULL`;
    case 'between': {
      const value = asNumber(name, dialect);
      return `${value} >= ${numberLiteral(atom.low)} AND ${value} <= ${numberLiteral(atom.high)}`;
    }
    case 'in':
      return atom.values.map((value) => comparison(column, '=', value, options)).join(' OR ');
    case 'compare': {
      const comparator = { '==': '=', '!=': '<>' }[atom.comparator as '==' | '!='] ?? atom.comparator;
      return comparison(column, comparator, atom.value, options);
    }
  }
}

function isNumeric(type: ColumnType | undefined): boolean {
  return type === 'number' || type === 'money';
}

function comparison(column: string, comparator: string, literal: Literal, options: ConditionOptions): string {
  const { dialect, columns } = options;
  const name = quoteName(column, dialect);
  switch (typeof literal) {
    case 'number':
      return `${asNumber(name, dialect)} ${comparator} ${numberLiteral(literal)}`;
    case 'boolean':
      return `${name} ${comparator} ${literal ? 'TRUE' : 'FALSE'}`;
    default: {
      const text = textLiteral(literal, dialect);
      if (columns[column] === 'date' && dialect !== 'sqlite')
        return `CAST(${name} AS DATE) ${comparator} CAST(${text} AS DATE)`;
      return `${asBytes(name, dialect)} ${comparator} ${asBytes(text, dialect)}`;
    }
  }
}
