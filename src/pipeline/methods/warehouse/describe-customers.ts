import { statementAround } from '../../../warehouse/template/statement-around.ts';
import { requireColumns } from '../../column-contract.ts';
import type { ReadContext } from '../../context.ts';
import type { SourceSession } from '../../in-warehouse.ts';

/** The columns of the customers, which must be those that the job names: a read of no rows. */
export async function describeCustomers({ loaded }: ReadContext, session: SourceSession): Promise<string[]> {
  const sql = `SELECT *\nFROM (\n${session.customers.sql}\n) t\nWHERE 1 = 0`;
  const { source } = loaded.job;
  const none = await session.read(statementAround(session.customers, sql), {
    idColumn: source.customer_id,
    ...(source.columns ? { columns: source.columns } : {}),
  });
  requireColumns(loaded, none);
  return [...none.columns.keys()];
}
