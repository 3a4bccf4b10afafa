import type { Model } from '../../../analysis/model.ts';
import {
  countFinite,
  countIds,
  validRows,
  type CustomerRows,
  type FitRows,
} from '../../../analysis/sql/compute/customer-rows.ts';
import { finiteValues, orderStatistics } from '../../../analysis/sql/compute/distributions.ts';
import type { Job } from '../../../job/schema.ts';
import type { CustomerColumns } from './describe-customers.ts';

/** A query that a night in the warehouse asks. */
export type ListedQuery = {
  readonly purpose: string;
  /** How often: once for each `step` until the centroids stand still. */
  readonly times: number | 'step';
  /** That come back each time. */
  readonly rows: number;
  /** Numbers and ids in a row. */
  readonly cells: number;
  /** As it would be sent; bounds, means and centroids that the night finds out stand as zeros and ones. */
  readonly sql: string;
};

/** What the queries of a night follow from. */
export type Listing = CustomerColumns & {
  readonly job: Job;
  readonly rows: CustomerRows;
  readonly customers: number;
  /** The published model, where tonight goes on from it. */
  readonly model: Model | undefined;
  /** Its centroids or edges are not due to move. */
  readonly stays: boolean;
};

/** The customers as a night would see them, whose fences are not known before. */
export function fitRowsOf({ rows, model, job }: Listing): FitRows {
  return { ...rows, fences: model?.fences ?? [], outlierAction: job.outliers?.action ?? null };
}

/** The queries of `askCustomers`. */
export function listCustomerQueries({ job, rows, model }: Listing): ListedQuery[] {
  return [
    oneRow('rows and ids', 3, countIds(rows)),
    ...(job.outliers && !model ? fenceQueries(job.outliers.columns, rows) : []),
  ];
}

/** A query that brings one row. */
export function oneRow(purpose: string, cells: number, sql: string): ListedQuery {
  return { purpose, times: 1, rows: 1, cells, sql };
}

function fenceQueries(columns: readonly string[], rows: CustomerRows): ListedQuery[] {
  const counted = { purpose: 'values to fence', times: 1, rows: 1, cells: columns.length + 1 };
  const ordered = columns.map((column) => ({
    purpose: `fence of ${column}`,
    times: 1,
    rows: 4,
    cells: 2,
    sql: orderStatistics(finiteValues(validRows(rows), column, rows.dialect), [1]),
  }));
  return [{ ...counted, sql: countFinite(rows, columns) }, ...ordered];
}
