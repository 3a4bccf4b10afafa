import { DuckDBDecimalType, DuckDBTypeId, type DuckDBType, type DuckDBVector } from '@duckdb/node-api';
import type { Column } from '../../frame/column.ts';
import { createColumnBuilder } from '../../frame/builder.ts';
import { isValid, rawOf, validityOf } from './vector.ts';
import { tooLarge, type ColumnPlan } from '../read-column.ts';

/** Reads integers, decimals and doubles as numbers, exactly or not at all. */
export function duckdbNumbers(
  plan: ColumnPlan,
  type: DuckDBType,
  file: string,
): { push(vector: DuckDBVector): void; finish(): Column } {
  const builder = createColumnBuilder('number');
  const valueOf = wideValue(type);
  if (!valueOf)
    return { push: (vector) => builder.pushRun(rawOf(vector).numbers(), validityOf(vector)), finish: builder.finish };
  let scratch = new Float64Array(0);
  return {
    push(vector) {
      if (scratch.length < vector.itemCount) scratch = new Float64Array(vector.itemCount);
      const validity = validityOf(vector);
      const view = rawOf(vector).view();
      for (let row = 0; row < vector.itemCount; row++) {
        if (!isValid(validity, row)) continue;
        const value = valueOf(view, row, vector);
        if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw tooLarge(plan, file);
        scratch[row] = value;
      }
      builder.pushRun(scratch.subarray(0, vector.itemCount), validity);
    },
    finish: builder.finish,
  };
}

/** The value of a row; beyond ±2^53 it need only stay beyond. */
type ValueOf = (view: DataView, row: number, vector: DuckDBVector) => number;

/** How to read types that aren't already an array of numbers; undefined for those that are. */
function wideValue(type: DuckDBType): ValueOf | undefined {
  if (type instanceof DuckDBDecimalType) return decimalValue(type);
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
      return (view, row) => int64(view, row * 8);
    case DuckDBTypeId.UBIGINT:
      return (view, row) => uint64(view, row * 8);
    case DuckDBTypeId.HUGEINT:
      return (view, row) => int128(view, row * 16);
    case DuckDBTypeId.UHUGEINT:
      return (view, row) => uint64(view, row * 16) + uint64(view, row * 16 + 8) * 2 ** 64;
    default:
      return undefined;
  }
}

/**
 * A decimal lies in memory as an integer scaled by a power of ten. Up to 2^53 and 10^22 both are
 * exact doubles, so that one division rounds once: the result is what parsing its spelling gives.
 */
function decimalValue({ width, scale }: DuckDBDecimalType): ValueOf {
  const scaledAt = scaledInteger(width);
  const divisor = 10 ** scale;
  return (view, row, vector) => {
    const scaled = scaledAt(view, row);
    if (Math.abs(scaled) <= Number.MAX_SAFE_INTEGER && scale <= 22) return scaled / divisor;
    return Number(String(vector.getItem(row)));
  };
}

function scaledInteger(width: number): (view: DataView, row: number) => number {
  if (width <= 4) return (view, row) => view.getInt16(row * 2, true);
  if (width <= 9) return (view, row) => view.getInt32(row * 4, true);
  if (width <= 18) return (view, row) => int64(view, row * 8);
  return (view, row) => int128(view, row * 16);
}

function int64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

function uint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

/** Adding the halves of a small negative number as they are would cancel its digits. */
function int128(view: DataView, at: number): number {
  const high = int64(view, at + 8);
  const low = uint64(view, at);
  return high === -1 ? int64(view, at) - (view.getInt32(at + 4, true) < 0 ? 0 : 2 ** 64) : high * 2 ** 64 + low;
}
