import {
  DuckDBDecimalType,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { Column } from '../../frame/column.ts';
import { createColumnBuilder, type TextBuilder } from '../../frame/builder.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import { formatTimestamp } from '../../frame/timestamp.ts';
import { duckdbNumbers } from './numbers.ts';
import { inlineLength, isValid, rawOf, validityOf } from './vector.ts';
import { outsideCalendar, shortestDecimal, type ColumnPlan, type SqlColumn, type SqlFamily } from '../read-column.ts';

/** Takes one column's vectors, chunk after chunk. `push` throws SegtagError E_COLUMN_VALUE. */
export type VectorReader = { push(vector: DuckDBVector): void; finish(): Column };

/** A column of a result in engine-neutral terms. */
export function duckdbColumn(name: string, type: DuckDBType): SqlColumn {
  return { name, family: familyOf(type.typeId), sqlType: String(type) };
}

/** A reader of one column. The memory of a chunk is read where it lies, so a million rows make no objects. */
export function createVectorReader(plan: ColumnPlan, type: DuckDBType, file: string): VectorReader {
  switch (plan.kind) {
    case 'number':
      return duckdbNumbers(plan, type, file);
    case 'boolean': {
      const builder = createColumnBuilder('boolean');
      return { push: (vector) => builder.pushRun(rawOf(vector).bytes(), validityOf(vector)), finish: builder.finish };
    }
    case 'day':
      return days(plan, file);
    case 'timestamp':
      return timestamps(plan, type, file);
    case 'text':
      return texts(type);
    case 'id':
      return ids(type);
  }
}

function familyOf(typeId: DuckDBTypeId): SqlFamily {
  switch (typeId) {
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.UHUGEINT:
      return 'integer';
    case DuckDBTypeId.DECIMAL:
      return 'decimal';
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return 'double';
    case DuckDBTypeId.BOOLEAN:
      return 'boolean';
    case DuckDBTypeId.DATE:
      return 'date';
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return 'timestamp';
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'zoned timestamp';
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.UUID:
      return 'text';
    default:
      return 'other';
  }
}

const [firstDay, lastDay] = [-719_162, 2_932_896];
const microsPerDay = 86_400_000_000n;
const [firstMicros, endMicros] = [BigInt(firstDay) * microsPerDay, BigInt(lastDay + 1) * microsPerDay];

function days(plan: ColumnPlan, file: string): VectorReader {
  const builder = createColumnBuilder('day');
  return {
    push(vector) {
      const run = rawOf(vector).int32();
      const validity = validityOf(vector);
      for (let row = 0; row < run.length; row++)
        if ((run[row]! < firstDay || run[row]! > lastDay) && isValid(validity, row)) throw outsideCalendar(plan, file);
      builder.pushRun(run, validity);
    },
    finish: builder.finish,
  };
}

function timestamps(plan: ColumnPlan, { typeId }: DuckDBType, file: string): VectorReader {
  const builder = createColumnBuilder('timestamp');
  const toMicros = microsOf(typeId);
  return {
    push(vector) {
      const raw = rawOf(vector).int64();
      const run = typeId === DuckDBTypeId.TIMESTAMP ? raw : raw.map(toMicros);
      const validity = validityOf(vector);
      for (let row = 0; row < run.length; row++)
        if ((run[row]! < firstMicros || run[row]! >= endMicros) && isValid(validity, row))
          throw outsideCalendar(plan, file);
      builder.pushRun(run, validity);
    },
    finish: builder.finish,
  };
}

function microsOf(typeId: DuckDBTypeId): (value: bigint) => bigint {
  switch (typeId) {
    case DuckDBTypeId.TIMESTAMP_S:
      return (value) => value * 1_000_000n;
    case DuckDBTypeId.TIMESTAMP_MS:
      return (value) => value * 1000n;
    case DuckDBTypeId.TIMESTAMP_NS:
      return (value) => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n;
    default:
      return (value) => value;
  }
}

function texts({ typeId }: DuckDBType): VectorReader {
  const builder = createColumnBuilder('text');
  if (typeId !== DuckDBTypeId.VARCHAR) return itemByItem(builder, String);
  const cache = textCache(builder);
  return {
    push(vector) {
      cache.clear();
      const validity = validityOf(vector);
      const view = rawOf(vector).view();
      for (let row = 0; row < vector.itemCount; row++) {
        if (isValid(validity, row)) builder.pushCode(cache.codeAt(view, vector, row));
        else builder.push(null);
      }
    },
    finish: builder.finish,
  };
}

const cacheBits = 10;

/**
 * Saves decoding texts that repeat within a vector, which costs more than all else. In its 16 bytes there
 * a text has its length and either itself or its address, so that equal bytes mean equal texts.
 */
function textCache(builder: TextBuilder): {
  clear(): void;
  codeAt(view: DataView, vector: DuckDBVector, row: number): number;
} {
  const words = new Int32Array(4 << cacheBits);
  const codes = new Int32Array(1 << cacheBits);
  return {
    clear: () => void words.fill(-1),
    codeAt(view, vector, row) {
      const at = row * 16;
      const length = view.getInt32(at, true);
      const first = view.getInt32(at + 4, true);
      const second = view.getInt32(at + 8, true);
      const third = view.getInt32(at + 12, true);
      const mixed = Math.imul(Math.imul(first ^ length, 0x9e3779b1) ^ second, 0x85ebca6b) ^ third;
      const slot = Math.imul(mixed, 0xc2b2ae35) >>> (32 - cacheBits);
      const base = slot * 4;
      const isKnown =
        words[base] === length && words[base + 1] === first && words[base + 2] === second && words[base + 3] === third;
      if (!isKnown) {
        words.set([length, first, second, third], base);
        codes[slot] = builder.codeOf(vector.getItem(row) as string);
      }
      return codes[slot]!;
    },
  };
}

function ids(type: DuckDBType): VectorReader {
  const builder = createColumnBuilder('id');
  if (type.typeId !== DuckDBTypeId.VARCHAR) return itemByItem(builder, idText(type));
  return {
    push(vector) {
      const validity = validityOf(vector);
      const raw = rawOf(vector);
      const [view, bytes] = [raw.view(), raw.bytes()];
      for (let row = 0; row < vector.itemCount; row++) {
        const length = inlineLength(view, row);
        if (!isValid(validity, row)) builder.push(null);
        else if (length === undefined) builder.push(vector.getItem(row) as string);
        else builder.pushBytes(bytes, row * 16 + 4, row * 16 + 4 + length);
      }
    },
    finish: builder.finish,
  };
}

/** Spells a value as PostgreSQL and Vertica would, numbers in their shortest exact form. */
function idText(type: DuckDBType): (item: DuckDBValue) => string {
  if (type instanceof DuckDBDecimalType) return (item) => shortestDecimal(String(item));
  const toMicros = microsOf(type.typeId);
  switch (type.typeId) {
    case DuckDBTypeId.DATE:
      return (item) => formatDay((item as { days: number }).days as Day);
    case DuckDBTypeId.TIMESTAMP:
      return (item) => formatTimestamp((item as { micros: bigint }).micros);
    case DuckDBTypeId.TIMESTAMP_S:
      return (item) => formatTimestamp(toMicros((item as { seconds: bigint }).seconds));
    case DuckDBTypeId.TIMESTAMP_MS:
      return (item) => formatTimestamp(toMicros((item as { millis: bigint }).millis));
    case DuckDBTypeId.TIMESTAMP_NS:
      return (item) => formatTimestamp(toMicros((item as { nanos: bigint }).nanos));
    default:
      return String;
  }
}

type ItemBuilder = { push(value: string | null): void; finish(): Column };

function itemByItem(builder: ItemBuilder, spell: (item: DuckDBValue) => string): VectorReader {
  return {
    push(vector) {
      for (let row = 0; row < vector.itemCount; row++) {
        const item = vector.getItem(row);
        builder.push(item === null ? null : spell(item));
      }
    },
    finish: builder.finish,
  };
}
