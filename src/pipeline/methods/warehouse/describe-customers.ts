import type { ColumnType } from '../../../job/schema.ts';
import { statementAround } from '../../../warehouse/template/statement-around.ts';
import { requireColumns, typesOf } from '../../source/column-contract.ts';
import type { ReadContext } from '../../context.ts';
import type { SourceSession } from '../../source/in-warehouse.ts';

/** The columns of the customers, in their order, and the types of those that conditions can compare. */
export type CustomerColumns = {
  readonly columns: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
};

/** The columns of the customers, which must be those that the job names: a read of no rows. */
export async function describeCustomers({ loaded }: ReadContext, session: SourceSession): Promise<CustomerColumns> {
  const sql = `SELECT *\nFROM (\n${session.customers.sql}\n) t\nWHERE 1 = 0`;
  const { source } = loaded.job;
  const none = await session.read(statementAround(session.customers, sql), {
    idColumn: source.customer_id,
    ...(source.columns ? { columns: source.columns } : {}),
  });
  requireColumns(loaded, none);
  const types = [...none.columns].flatMap(([name, { kind }]) =>
    kind === 'id' ? [] : [[name, typesOf[kind][0]!] as const],
  );
  return { columns: [...none.columns.keys()], types: Object.fromEntries(types) };
}
