import type { Frame } from '../../frame/frame.ts';
import type { Dialect, ReadOptions, Statement, Warehouse } from '../../warehouse/warehouse.ts';
import type { ReadContext } from '../context.ts';

/** The session that a night reads in, for work that is done where the customers are. */
export type SourceSession = {
  readonly dialect: Dialect;
  /** The job's query for its customers. */
  readonly customers: Statement;
  read(statement: Statement, options: Pick<ReadOptions, 'idColumn' | 'columns' | 'onProgress'>): Promise<Frame>;
};

/** A session within the time limit of the job's queries. */
export function sourceSession(context: ReadContext, warehouse: Warehouse, customers: Statement): SourceSession {
  const { signal } = context;
  const timeoutMs = context.loaded.job.source.timeout_seconds * 1000;
  return {
    dialect: warehouse.dialect,
    customers,
    read: (statement, options) => warehouse.read(statement, { timeoutMs, signal, ...options }),
  };
}

/** What the warehouse has worked out, and how its customers are read with it. */
export type InWarehouse<Fitted> = {
  readonly fitted: Fitted;
  /** Reads each customer as the job's query does, with what was found of it in one column more. */
  readonly customers: Statement;
  /** Holds a whole number from 1; null where nothing was found of a customer. */
  readonly foundColumn: string;
  /** Asked before the customers are read. */
  readonly queries: number;
};

/** Works in the warehouse; undefined where it has nothing to work on, so that the customers are read as they are. */
export type FitInWarehouse<Fitted> = (session: SourceSession) => Promise<InWarehouse<Fitted> | undefined>;
