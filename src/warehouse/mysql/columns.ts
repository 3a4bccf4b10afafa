import type { FieldPacket } from 'mysql2';
import { SegtagError } from '../../errors.ts';
import { createColumnBuilder } from '../../frame/builder.ts';
import type { Column } from '../../frame/column.ts';
import type { ColumnType } from '../../job/schema.ts';
import { shortestDecimal, tooLarge, type ColumnPlan, type SqlColumn, type SqlFamily } from '../read-column.ts';
import { createTextColumnReader } from '../text-columns.ts';

/** The parts of a field that the driver hands over and its types leave out. */
export type MysqlField = FieldPacket & { readonly characterSet?: number; readonly extendedFormat?: string };

const types: Readonly<Record<number, readonly [SqlFamily, string]>> = {
  0: ['decimal', 'decimal'],
  1: ['integer', 'tinyint'],
  2: ['integer', 'smallint'],
  3: ['integer', 'int'],
  4: ['double', 'float'],
  5: ['double', 'double'],
  6: ['text', 'null'],
  7: ['zoned timestamp', 'timestamp'],
  8: ['integer', 'bigint'],
  9: ['integer', 'mediumint'],
  10: ['date', 'date'],
  11: ['other', 'time'],
  12: ['timestamp', 'datetime'],
  13: ['integer', 'year'],
  14: ['date', 'date'],
  15: ['text', 'varchar'],
  16: ['other', 'bit'],
  242: ['other', 'vector'],
  245: ['other', 'json'],
  246: ['decimal', 'decimal'],
  247: ['text', 'enum'],
  248: ['text', 'set'],
  249: ['text', 'tinytext'],
  250: ['text', 'mediumtext'],
  251: ['text', 'longtext'],
  252: ['text', 'text'],
  253: ['text', 'varchar'],
  254: ['text', 'char'],
  255: ['other', 'geometry'],
};

const binaryCharset = 63;

/** A column of a result in our terms. MySQL has no booleans: a number is one where the contract `wanted` says so. */
export function mysqlColumn(field: MysqlField, wanted: ColumnType | undefined): SqlColumn {
  const { name } = field;
  const [family, type] = types[field.columnType ?? field.type ?? -1] ?? ['other', 'a type of the server’s own'];
  const isBit = type === 'bit' && field.columnLength === 1;
  if (wanted === 'boolean' && (family === 'integer' || isBit)) return { name, family: 'boolean', sqlType: type };
  if (field.extendedFormat === 'json') return unreadable(name, 'json');
  if (family === 'text' && type !== 'null' && field.characterSet === binaryCharset)
    return unreadable(name, type.endsWith('text') ? type.replace('text', 'blob') : `${type} of bytes`);
  return family === 'other' || family === 'zoned timestamp'
    ? { ...unreadable(name, type), family }
    : { name, family, sqlType: type };
}

function unreadable(name: string, sqlType: string): SqlColumn {
  const remedy = remedies[sqlType] ?? (/blob|bytes/.test(sqlType) ? remedies['blob'] : undefined);
  return { name, family: 'other', sqlType, ...(remedy === undefined ? {} : { remedy: remedy(name) }) };
}

const remedies: Readonly<Record<string, (name: string) => string>> = {
  timestamp: (name) =>
    `A TIMESTAMP is an instant and has a date only in some time zone. MySQL has no AT TIME ZONE; name it in SQL with CONVERT_TZ(${name}, '+00:00', 'Europe/Lisbon').`,
  bit: (name) => `Write ${name} + 0 for its number, or say boolean under source.columns where it is one bit wide.`,
  json: (name) => `Take it apart in SQL with JSON_VALUE(${name}, '$.key'), or read CAST(${name} AS CHAR).`,
  blob: (name) => `Write HEX(${name}) where it identifies something, CONVERT(${name} USING utf8mb4) where it is text.`,
};

/** Takes one column's values as the binary protocol hands them over. `push` throws SegtagError E_COLUMN_VALUE. */
export type MysqlColumnReader = { push(value: unknown): void; finish(): Column };

/** A reader of one column. */
export function createMysqlColumnReader(plan: ColumnPlan, file: string): MysqlColumnReader {
  switch (plan.kind) {
    case 'number':
      return plan.family === 'decimal' ? texts(plan, file) : numbers(plan, file);
    case 'boolean':
      return booleans(plan, file);
    case 'day':
    case 'timestamp':
      return dates(plan, file);
    case 'text':
      return texts(plan, file);
    case 'id':
      return ids(plan, file);
  }
}

function texts(plan: ColumnPlan, file: string): MysqlColumnReader {
  const reader = createTextColumnReader(plan, file);
  return { push: (value) => reader.push(value as string | null), finish: reader.finish };
}

/** The driver hands over an integer as text where a number can't hold it. */
function numbers(plan: ColumnPlan, file: string): MysqlColumnReader {
  const builder = createColumnBuilder('number');
  return {
    push(value) {
      if (typeof value === 'string') throw tooLarge(plan, file);
      builder.push(value as number | null);
    },
    finish: builder.finish,
  };
}

function booleans(plan: ColumnPlan, file: string): MysqlColumnReader {
  const builder = createColumnBuilder('boolean');
  return {
    push(value) {
      const flag = Buffer.isBuffer(value) ? value[0] : value;
      if (flag !== 0 && flag !== 1 && flag !== null) throw neither(plan, file);
      builder.push(flag === null ? null : flag === 1);
    },
    finish: builder.finish,
  };
}

function dates(plan: ColumnPlan, file: string): MysqlColumnReader {
  const reader = createTextColumnReader(plan, file);
  return {
    push(value) {
      const text = value as string | null;
      if (text !== null && isZeroDate(text)) throw zeroDate(plan, file);
      reader.push(text);
    },
    finish: reader.finish,
  };
}

function ids(plan: ColumnPlan, file: string): MysqlColumnReader {
  const reader = plan.family === 'date' || plan.family === 'timestamp' ? dates(plan, file) : texts(plan, file);
  const isTime = plan.family === 'timestamp';
  return {
    push(value) {
      const text = value === null ? null : String(value);
      reader.push(isTime && text !== null ? shortestDecimal(text) : text);
    },
    finish: reader.finish,
  };
}

/** `0000-00-00`, `2024-00-00` and their like, which MySQL stores where its mode allows. */
function isZeroDate(text: string): boolean {
  return text.startsWith('00', 5) || text.startsWith('00', 8) || text.startsWith('0000');
}

function zeroDate({ name, sqlType }: ColumnPlan, file: string): SegtagError {
  return new SegtagError('E_COLUMN_VALUE', {
    where: file,
    what: `Column "${name}" (${sqlType}) holds 0000-00-00, or another date whose year, month or day is zero.`,
    remedy: `Turn such dates into null in SQL: IF(DAYOFMONTH(${name}) > 0 AND MONTH(${name}) > 0, ${name}, NULL).`,
  });
}

function neither({ name, sqlType }: ColumnPlan, file: string): SegtagError {
  return new SegtagError('E_COLUMN_VALUE', {
    where: file,
    what: `Column "${name}" (${sqlType}) is a boolean by the contract and holds a number other than 0 and 1.`,
    remedy: `Write ${name} <> 0 in SQL, or say number under source.columns.`,
  });
}
