import { setImmediate as turn } from 'node:timers/promises';
import { createRecent } from '../../frame/recent.ts';
import { columnsOf, placeholders, type BulkLoad, type Part, type SharedRows, type Value } from './rows.ts';
import { insertsRows, type Insert, type Prepare } from './sqlite-insert.ts';

type Connection = { exec(sql: string): void; prepare: Prepare };

const partsPerInsert = 200;
/** Shared rows that are kept beside the table, at most, and those of which it is known that they came before. */
const mostKept = 20_000;
const mostSeen = 5_000;

/**
 * Inserts the rows of a load. Shared rows that come a second time are kept in a temporary table, and joined from then on
 * to what the parts say by themselves: SQLite copies a value in a fraction of the time that it takes to hand it over.
 * Rows stand in the table in another order than they came.
 */
export async function loadParts(connection: Connection, load: BulkLoad): Promise<void> {
  const alone = insertsRows((sql) => connection.prepare(sql), load.table, columnsOf(load));
  const joined = joinsShared(connection, load);
  const seen = createRecent<SharedRows, true>(mostSeen);
  let taken = 0;
  for (const part of load.parts) {
    if (joined.keeps(part.shared, () => seen.get(part.shared) === true)) joined.add(part);
    else {
      seen.set(part.shared, true);
      for (const row of part.shared) alone.add([...part.own, ...row]);
    }
    if (++taken % partsPerInsert === 0) await turn();
  }
  alone.finish();
  joined.finish();
}

type Joiner = {
  /** Whether these rows are kept; where they come again, they are from now on. */
  keeps(shared: SharedRows, comeAgain: () => boolean): boolean;
  add(part: Part): void;
  finish(): void;
};

const keptTable = 'temp.segtag_shared';

function joinsShared(connection: Connection, load: BulkLoad): Joiner {
  const numbers = new Map<SharedRows, number>();
  const statements = new Map<number, Insert>();
  let keep: Insert | undefined;
  let values: Value[] = [];
  let count = 0;

  const create = (): Insert => {
    const names = load.shared.map((_, i) => `shared_${i}`).join(', ');
    connection.exec(`drop table if exists ${keptTable};
      create table ${keptTable} (part, place, ${names}, primary key (part, place)) without rowid`);
    return connection.prepare(`insert into ${keptTable} values ${placeholders(load.shared.length + 2, 1)}`);
  };
  const flush = (): void => {
    if (count === 0) return;
    const insert = statements.get(count) ?? connection.prepare(joiningInsert(load, count));
    statements.set(count, insert);
    insert.run(values);
    values = [];
    count = 0;
  };
  return {
    keeps(shared, comeAgain) {
      if (numbers.has(shared)) return true;
      if (numbers.size === mostKept || !comeAgain()) return false;
      keep ??= create();
      const number = numbers.size;
      for (const [place, row] of shared.entries()) keep.run([number, place, ...row]);
      numbers.set(shared, number);
      return true;
    },
    add({ own, shared }) {
      values.push(...own, numbers.get(shared)!);
      if (++count === partsPerInsert) flush();
    },
    finish() {
      flush();
      if (keep) connection.exec(`drop table ${keptTable}`);
    },
  };
}

/** The outer loop is over the parts, in their order, each beside its shared rows in theirs. */
function joiningInsert(load: BulkLoad, partCount: number): string {
  const { own, shared, table } = load;
  const chosen = [...own.map((_, i) => `p.column${i + 1}`), ...shared.map((_, i) => `s.shared_${i}`)];
  return `insert into ${table} (${columnsOf(load).join(', ')}) select ${chosen.join(', ')}
    from (values ${placeholders(own.length + 1, partCount)}) as p
    cross join ${keptTable} as s on s.part = p.column${own.length + 1}`;
}
