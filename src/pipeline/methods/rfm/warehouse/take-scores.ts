import { combineScores } from '../../../../analysis/rfm/scoring.ts';
import { columnOf } from '../../../../frame/frame.ts';
import { rowsWhere } from '../../../../frame/rows.ts';
import type { Separated } from '../../../stages/outliers.ts';
import type { ScoredCustomers } from '../score-customers.ts';
import type { WarehouseScores } from './score-in-warehouse.ts';

/** The scores that the warehouse has found for each customer, and the row of the table that takes them. */
export function takeScores(
  { customers, fitColumns, isOutlier }: Separated,
  customerId: string,
  { scoring, fittedOn, refitted }: WarehouseScores,
): ScoredCustomers {
  const { foundOf } = customers;
  if (!foundOf) throw new Error('the customers came without their scores');
  const withoutPurchase = isOutlier.map((mark, row) => (mark === 0 && foundOf[row]! < 0 ? 1 : 0));
  const rows = rowsWhere(isOutlier.length, (row) => isOutlier[row] === 0 && foundOf[row]! >= 0);
  const { axes } = scoring;
  const found = axes.map((_, i) => {
    const unit = 10 ** (axes.length - 1 - i);
    return Uint8Array.from({ length: rows.length }, (_each, at) => Math.floor(foundOf[rows[at]!]! / unit) % 10);
  });
  const rowUnit = 10 ** axes.length;
  const tableRowOf = rowsOfTable(foundOf, rows, rowUnit);
  const ids = columnOf(customers, customerId, 'id');
  const buyers = { columns: fitColumns, ids, rows, withoutPurchase };
  return { fitted: scoring, scores: combineScores(scoring, found), buyers, tableRowOf, fittedOn, refitted };
}

function rowsOfTable(foundOf: Int32Array, rows: Uint32Array, unit: number): Int32Array {
  return Int32Array.from({ length: rows.length }, (_, at) => Math.floor(foundOf[rows[at]!]! / unit) - 1);
}
