import type { PurchaseColumns } from '../../analysis/recommend/purchases.ts';
import { impossiblePair, type PairColumns } from '../../analysis/recommend/rules.ts';
import { SegtagError } from '../../errors.ts';
import type { NumberColumn } from '../../frame/column.ts';
import { columnOf, type Frame } from '../../frame/frame.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import type { ReadOptions } from '../../warehouse/warehouse.ts';

/** What purchases.sql and pairs.sql returned. */
export type Orders = { readonly purchases: Frame; readonly pairs: Frame };

/** What each of the two must return. */
export const orderContracts = {
  purchases: { idColumn: 'customer_id', columns: { product_id: 'text', orders: 'number', units: 'number' } },
  pairs: {
    columns: {
      a: 'text',
      b: 'text',
      orders_a: 'number',
      orders_b: 'number',
      orders_ab: 'number',
      orders_total: 'number',
    },
  },
} as const satisfies Record<string, Pick<ReadOptions, 'idColumn' | 'columns'>>;

/** The columns by name. Throws E_CHECK_FAILED for pairs that can't be. */
export function orderColumns(
  loaded: LoadedJob,
  { purchases, pairs }: Orders,
): { purchases: PurchaseColumns; pairs: PairColumns } {
  const columns: PairColumns = {
    a: columnOf(pairs, 'a', 'text'),
    b: columnOf(pairs, 'b', 'text'),
    ordersA: numbers(pairs, 'orders_a'),
    ordersB: numbers(pairs, 'orders_b'),
    ordersAb: numbers(pairs, 'orders_ab'),
    ordersTotal: numbers(pairs, 'orders_total'),
  };
  const impossible = impossiblePair(columns);
  if (impossible) refusePair(loaded, impossible);
  return {
    purchases: {
      customerId: columnOf(purchases, 'customer_id', 'id'),
      productId: columnOf(purchases, 'product_id', 'text'),
      orders: numbers(purchases, 'orders'),
      units: numbers(purchases, 'units'),
    },
    pairs: columns,
  };
}

function numbers(frame: Frame, name: string): NumberColumn {
  return columnOf(frame, name, 'number');
}

function refusePair({ job }: LoadedJob, { row, why }: { readonly row: number; readonly why: string }): never {
  throw new SegtagError('E_CHECK_FAILED', {
    where: `sql/${job.job}/pairs.sql`,
    what: `Row ${row + 1} of the result cannot be: ${why}.`,
    remedy: 'Count distinct orders in all four columns, over the same orders.',
  });
}
