import type { Column } from '../frame/column.ts';
import { createColumnBuilder } from '../frame/builder.ts';
import { parseDay } from '../frame/day.ts';
import { parseTimestamp } from '../frame/timestamp.ts';
import { outsideCalendar, shortestDecimal, tooLarge, type ColumnPlan } from './read-column.ts';

/** Takes one column's values as the server wrote them in text. `push` throws SegtagError E_COLUMN_VALUE. */
export type TextColumnReader = { push(text: string | null): void; finish(): Column };

/** A reader of one column for drivers that hand over text: PostgreSQL and Vertica. */
export function createTextColumnReader(plan: ColumnPlan, file: string): TextColumnReader {
  switch (plan.kind) {
    case 'number':
      return decoded(
        createColumnBuilder('number'),
        plan.family === 'double' ? readDouble(plan) : readExact(plan, file),
      );
    case 'boolean':
      return decoded(createColumnBuilder('boolean'), (text) => text === 't' || text === 'true' || text === '1');
    case 'day':
      return decoded(createColumnBuilder('day'), remembered(calendar(plan, file, parseDay)));
    case 'timestamp':
      return decoded(createColumnBuilder('timestamp'), calendar(plan, file, parseTimestamp));
    case 'text':
      return createColumnBuilder('text');
    case 'id':
      return decoded(createColumnBuilder('id'), idText(plan));
  }
}

type Builder<Value> = { push(value: Value | null): void; finish(): Column };

function decoded<Value>(builder: Builder<Value>, decode: (text: string) => Value): TextColumnReader {
  return { push: (text) => builder.push(text === null ? null : decode(text)), finish: builder.finish };
}

/** A double of single precision is read as the exact value that the server holds, as a binary protocol would. */
function readDouble({ sqlType }: ColumnPlan): (text: string) => number {
  const single = sqlType === 'real';
  return (text) => {
    const value = text === '-Infinity' || text === 'Infinity' || text === 'NaN' ? Number(text) : toNumber(text);
    return single ? Math.fround(value) : value;
  };
}

function readExact(plan: ColumnPlan, file: string): (text: string) => number {
  return (text) => {
    const value = toNumber(text);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value)) throw tooLarge(plan, file);
    return value;
  };
}

/** An unreadable number would be a fault of the driver or of ours: it must never become 0 or null. */
function toNumber(text: string): number {
  const value = Number(text);
  if (text === '' || (Number.isNaN(value) && text !== 'NaN')) throw new Error('the driver sent a number that is none');
  return value;
}

function calendar<Value>(plan: ColumnPlan, file: string, parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch {
      throw outsideCalendar(plan, file);
    }
  };
}

const rememberedTexts = 65_536;

/** Few dates repeat in many rows: parsing each once halves the time of a date column. */
function remembered<Value>(parse: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = parse(text);
      if (known.size < rememberedTexts) known.set(text, value);
    }
    return value;
  };
}

function idText(plan: ColumnPlan): (text: string) => string {
  switch (plan.family) {
    case 'decimal':
      return shortestDecimal;
    case 'double': {
      const read = readDouble(plan);
      return (text) => String(read(text));
    }
    case 'boolean':
      return (text) => String(text === 't' || text === 'true' || text === '1');
    default:
      return (text) => text;
  }
}
