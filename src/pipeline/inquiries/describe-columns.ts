import { sortedCopy } from '../../analysis/quantile.ts';
import { columnLength, countNulls, isNull, takeRows, type Column, type IdColumn } from '../../frame/column.ts';
import { formatDay, type Day } from '../../frame/day.ts';
import { compareIds } from '../../frame/id.ts';
import { sortedRows } from '../../frame/id-order.ts';
import { finiteNumbers, rowsWhere } from '../../frame/rows.ts';
import { formatTimestamp } from '../../frame/timestamp.ts';
import { columnUses } from '../../job/column-uses.ts';
import type { ColumnType } from '../../job/schema.ts';
import { typesOf } from '../source/column-contract.ts';
import type { ReadContext } from '../context.ts';
import { extractCustomers } from '../stages/extract.ts';

type Bound = number | string | null;

/** A column of customers.sql as it came. */
type ColumnDescription = {
  readonly name: string;
  /** What `source.columns` may call it. */
  readonly type: ColumnType;
  /** What `source.columns` does call it; null where it does not. */
  readonly contract: ColumnType | null;
  readonly missing: number;
  /** Different texts or ids; null for other columns. */
  readonly different: number | null;
  /** Of finite numbers, dates and times; null for other columns and where there is none. */
  readonly smallest: Bound;
  readonly median: Bound;
  readonly largest: Bound;
  /** The keys of the job file that name it, such as `features`. */
  readonly used_by: readonly string[];
};

/** What customers.sql returns; the shape of `columns --json`. */
export type ColumnsSummary = {
  readonly schemaVersion: 1;
  readonly job: string;
  readonly as_of: string;
  readonly rows: number;
  readonly columns: readonly ColumnDescription[];
};

/** Reads customers.sql and describes its columns, whether or not the job fits them. Writes nothing. */
export async function describeColumns(context: ReadContext): Promise<ColumnsSummary> {
  const { job } = context.loaded;
  const { rowCount, columns } = await extractCustomers(context);
  const uses = columnUses(job);
  return {
    schemaVersion: 1,
    job: job.job,
    as_of: formatDay(context.asOf),
    rows: rowCount,
    columns: [...columns].map(([name, column]) => {
      const contract = job.source.columns?.[name] ?? null;
      const keys = uses.filter((use) => use.column === name).map(({ path: [key, second] }) => keyOf(key, second));
      return {
        name,
        type: contract && typesOf[column.kind].includes(contract) ? contract : typesOf[column.kind][0]!,
        contract,
        missing: countNulls(column),
        ...rangeOf(column),
        used_by: [...new Set(keys)],
      };
    }),
  };
}

function keyOf(key: string | number | undefined, second: string | number | undefined): string {
  return key === 'source' ? String(second) : String(key);
}

type Range = Pick<ColumnDescription, 'different' | 'smallest' | 'median' | 'largest'>;

function rangeOf(all: Column): Range {
  const column = takeRows(
    all,
    rowsWhere(columnLength(all), (row) => !isNull(all, row)),
  );
  switch (column.kind) {
    case 'number':
      return ordered(sortedCopy(finiteNumbers(column.values)), (value) => value);
    case 'day':
      return ordered(column.values.sort(), (day) => formatDay(day as Day));
    case 'timestamp':
      return ordered(column.values.sort(), formatTimestamp);
    case 'text':
      return { ...noBounds, different: new Set(column.codes).size };
    case 'id':
      return { ...noBounds, different: differentIds(column) };
    case 'boolean':
      return noBounds;
  }
}

function differentIds(ids: IdColumn): number {
  const order = sortedRows(ids);
  return rowsWhere(order.length, (i) => i === 0 || compareIds(ids, order[i - 1]!, ids, order[i]!) !== 0).length;
}

const noBounds = { different: null, smallest: null, median: null, largest: null };

/** The median is one of the values: of two in the middle the lower. */
function ordered<Value>(sorted: ArrayLike<Value>, say: (value: Value) => Bound): Range {
  const last = sorted.length - 1;
  if (last < 0) return noBounds;
  const at = (i: number): Bound => say(sorted[i]!);
  return { different: null, smallest: at(0), median: at(Math.floor(last / 2)), largest: at(last) };
}
