import {
  DuckDBDateValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { WireError } from './wire-error.ts';

export type VerticaColumn = {
  readonly name: string;
  readonly oid: number;
  readonly size: number;
  readonly modifier: number;
  /** Name of a type that isn't native, such as geometry; `oid` is then its base type. */
  readonly userType?: string;
};

/** Spells a value as Vertica's text protocol does. */
export type Spelling = (value: Exclude<DuckDBValue, null>) => string;

type VerticaType = Omit<VerticaColumn, 'name'> & { readonly spell: Spelling };

const plain: Spelling = (value) => String(value);
const variable = (oid: number, spell: Spelling): VerticaType => ({ oid, size: -1, modifier: -1, spell });
const fixed = (oid: number, spell: Spelling): VerticaType => ({ oid, size: 8, modifier: -1, spell });

const boolean: VerticaType = { oid: 5, size: 1, modifier: -1, spell: (value) => (value === true ? 't' : 'f') };
const integer = fixed(6, plain);
/** Sums of integers: DuckDB widens them, Vertica keeps 64 bits and refuses what doesn't fit. */
const wideInteger = fixed(6, (value) => {
  if (BigInt.asIntN(64, BigInt(String(value))) !== BigInt(String(value)))
    throw new WireError('22003', 'Sum() overflowed');
  return String(value);
});
const float = fixed(7, (value) => spellFloat(Number(value)));
const varchar = variable(9, plain);
const date = fixed(10, (value) => spellDay((value as DuckDBDateValue).days));
const timestamp = fixed(12, spellTimestamp);

/** The type that Vertica would give a column or parameter of DuckDB's type. */
export function verticaType(type: DuckDBType): VerticaType {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return boolean;
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
      return integer;
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return wideInteger;
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return float;
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBType & { width: number; scale: number };
      return { oid: 16, size: 8, modifier: ((width << 16) | scale) + 4, spell: plain };
    }
    case DuckDBTypeId.DATE:
      return date;
    case DuckDBTypeId.TIME:
      return fixed(11, plain);
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return timestamp;
    case DuckDBTypeId.TIMESTAMP_TZ:
      return fixed(13, plain);
    case DuckDBTypeId.INTERVAL:
      return fixed(14, (value) => String(value).replace(/ days?/, ''));
    case DuckDBTypeId.UUID:
      return { oid: 20, size: 16, modifier: -1, spell: plain };
    case DuckDBTypeId.BLOB:
      return variable(17, spellBytes);
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.SQLNULL:
      return varchar;
    default:
      return { ...variable(116, plain), userType: String(type).toLowerCase() };
  }
}

/** Fifteen significant digits, which is what Vertica sends of a FLOAT as text: the last one or two are lost. */
export function spellFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const shortest = String(value);
  if (/^-?\d[\d.]{0,14}$/.test(shortest) && (value === 0 || Math.abs(value) >= 1e-4)) return shortest;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const rounded = Number(value.toPrecision(15));
  if (Object.is(rounded, -0)) return '-0';
  const magnitude = Math.abs(rounded);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e15))
    return rounded.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return String(rounded);
}

const spelledDays = new Map<number, string>();

/** Few days fill many rows, and DuckDB's own spelling takes its time. */
function spellDay(days: number): string {
  let text = spelledDays.get(days);
  if (text === undefined) spelledDays.set(days, (text = spellEra(new DuckDBDateValue(days))));
  return text;
}

const microsPerDay = 86_400_000_000n;

function spellTimestamp(value: DuckDBValue): string {
  if (!(value instanceof DuckDBTimestampValue) || value.micros < 0n) return spellEra(value);
  const micros = Number(value.micros % microsPerDay);
  const clock = [Math.floor(micros / 3.6e9), Math.floor(micros / 6e7) % 60, Math.floor(micros / 1e6) % 60];
  const fraction = micros % 1e6;
  const tail = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  const time = clock.map((part) => (part < 10 ? `0${part}` : String(part))).join(':');
  return `${spellDay(Number(value.micros / microsPerDay))} ${time}${tail}`;
}

function spellEra(value: DuckDBValue): string {
  return String(value).replace(' (BC)', ' BC');
}

/** Bytes that aren't printable ASCII are written as backslash and three octal digits. */
function spellBytes(value: DuckDBValue): string {
  const { bytes } = value as { bytes: Uint8Array };
  const spelled = Array.from(bytes, (byte) => {
    if (byte === 0x5c) return '\\\\';
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return spelled.join('');
}
