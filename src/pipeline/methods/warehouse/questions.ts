import type { FoundTexts } from '../../../analysis/codings.ts';
import { columnOf, type Frame } from '../../../frame/frame.ts';
import { idAt } from '../../../frame/id.ts';
import { statementAround } from '../../../warehouse/template/statement-around.ts';
import type { SourceSession } from '../../source/in-warehouse.ts';

/** One row of a result, its numbers by column; a null is NaN. */
export type NumberRow = Readonly<Record<string, number>>;

/** Asks the warehouse about the job's customers, one generated query at a time. */
export type Questions = {
  readonly session: SourceSession;
  /** Reads a result of few rows whose columns are all numbers. */
  numbers(sql: string): Promise<NumberRow[]>;
  /** Reads texts, `found`, and beside each how many there are, `n`. */
  texts(sql: string): Promise<FoundTexts>;
  /** Reads rows of customers. */
  customers(sql: string): Promise<Frame>;
  /** Reads ids alone. */
  ids(sql: string): Promise<string[]>;
  /** How many queries have been asked. */
  count(): number;
};

/** Questions to this session, on the job's id column. */
export function askQuestions(session: SourceSession, idColumn: string): Questions {
  let asked = 0;
  const ask = (sql: string, options: Parameters<SourceSession['read']>[1]): Promise<Frame> => {
    asked++;
    return session.read(statementAround(session.customers, sql), options);
  };
  return {
    session,
    numbers: async (sql) => rowsOf(await ask(sql, {})),
    texts: async (sql) => {
      const frame = await ask(sql, { columns: { found: 'text', n: 'number' } });
      const { dictionary, codes } = columnOf(frame, 'found', 'text');
      const count = columnOf(frame, 'n', 'number').values[0] ?? 0;
      return { count, texts: Array.from(codes, (code) => dictionary[code]!) };
    },
    customers: (sql) => ask(sql, { idColumn }),
    ids: async (sql) => {
      const frame = await ask(sql, { idColumn });
      const ids = columnOf(frame, idColumn, 'id');
      return Array.from({ length: frame.rowCount }, (_, row) => idAt(ids, row));
    },
    count: () => asked,
  };
}

function rowsOf({ rowCount, columns }: Frame): NumberRow[] {
  const numbers = [...columns].flatMap(([name, column]) =>
    column.kind === 'number' ? [[name, column.values] as const] : [],
  );
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(numbers.map(([name, values]) => [name, values[row]!])),
  );
}
