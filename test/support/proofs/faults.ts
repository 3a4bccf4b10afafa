import type { StagingEngine } from '../staging-databases.ts';
import { onEachStatement } from '../statement-hook.ts';
import type { Random } from './seeds.ts';

/** Called ahead of each statement; what it returns is sent instead, what it throws is what the driver throws. */
type Fault = (sql: string, connection: unknown) => string | undefined;

let current: Fault | undefined;
onEachStatement((sql, connection) => current?.(sql, connection));

/** Does work during which each statement of this process may meet the fault. */
export async function under<Result>(fault: Fault, work: () => Promise<Result>): Promise<Result> {
  current = fault;
  try {
    return await work();
  } finally {
    current = undefined;
  }
}

/** As if the process died ahead of its n-th statement: from there on nothing reaches the database but what its end means. */
export function crashAt(n: number): Fault {
  let statements = 0;
  return (sql) => {
    if (++statements >= n && !/^rollback/i.test(sql)) throw new Error('the process is dead');
    return undefined;
  };
}

/** Each statement fails with this probability, as the engine itself would fail. */
export function failing(engine: StagingEngine['name'], random: Random, probability: number): Fault {
  return (sql, connection) => {
    // No engine fails to roll back, and on servers a COMMIT that fails ends its transaction, as no other statement does.
    const spared = engine === 'SQLite' ? /^rollback/i : /^(rollback|commit)/i;
    if (!random.chance(probability) || spared.test(sql)) return undefined;
    switch (engine) {
      case 'PostgreSQL':
        return `do $$ begin raise sqlstate '${random.pick(['40P01', '40001', '55P03', '53100'])}'; end $$`;
      case 'MariaDB':
        return `signal sqlstate '40001' set mysql_errno = ${random.pick([1213, 1205, 1114])}`;
      case 'SQLite':
        if (/^commit/i.test(sql) && random.chance(0.5)) loseAnswer(connection as SqliteConnection);
        throw random.pick(sqliteFailures)();
    }
  };
}

type SqliteConnection = { exec(sql: string): void };

/** The commit happens, and what follows is an error all the same. */
function loseAnswer(connection: SqliteConnection): void {
  const resumed = current;
  current = undefined;
  connection.exec('COMMIT');
  current = resumed;
}

const sqliteFailures = [
  () => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY', rawCode: 5 }),
  () => Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR', rawCode: 10 }),
  () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL', rawCode: 13 }),
];
