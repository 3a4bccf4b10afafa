import { compareClocks } from '../diagnosis/clock.ts';
import { diskSpace, writableFile } from '../diagnosis/disk.ts';
import { reach } from '../diagnosis/network.ts';
import { diagnose, type Finding, type Step, type TakeStep } from '../diagnosis/steps.ts';
import { inspectTls } from '../diagnosis/tls.ts';
import { SegtagError } from '../errors.ts';
import type { ResolvedConnection } from '../job/connections-schema.ts';
import { connectStore, type ConnectedStore } from './connect.ts';
import type { Store } from './engines/engine.ts';
import { feedFloor } from './tags/floor.ts';
import { missingMigrations } from './migrate.ts';
import { serviceTables } from './migrations/service-tables.ts';

export type StagingQuestions = {
  /** The tag tables of the jobs that publish there. */
  readonly tables: readonly string[];
  readonly now: () => number;
};

const lockWaitMs = 5000;
const silenceMs = 10_000;

/** Looks at everything that a night needs of a CRM staging database, from its name to the grants on each table. */
export function diagnoseStaging(
  connection: ResolvedConnection,
  { tables, now }: StagingQuestions,
): Promise<readonly Step[]> {
  return diagnose(async (take) => {
    if (!(await reached(take, connection, now))) return;
    const opened: ConnectedStore[] = [];
    const isOpen = await take('login', async () => {
      const connected = await connectStore(connection, { lockWaitMs, silenceMs });
      opened.push(connected);
      return connected.store.engine.place;
    });
    const [connected] = opened;
    if (!isOpen || !connected) return;
    try {
      await lookInside(take, connected, { tables, now });
    } finally {
      await connected.close();
    }
  });
}

async function reached(take: TakeStep, { config }: ResolvedConnection, now: () => number): Promise<boolean> {
  switch (config.client) {
    case 'sqlite':
      return (
        (await take('file', async () => writableFile(config.file))) && take('disk', async () => diskSpace(config.file))
      );
    case 'postgres':
    case 'mysql': {
      const timeoutMs = config.connect_timeout_seconds * 1000;
      const server = { ...config, timeoutMs, unreachable: 'E_CRM_UNREACHABLE', protocol: config.client } as const;
      return (await reach(take, server)) && take('tls', () => inspectTls(server, now()));
    }
    default:
      return true;
  }
}

const versionSql = {
  sqlite: 'select sqlite_version() as answer',
  postgres: 'select version() as answer',
  mysql: 'select version() as answer',
};

async function lookInside(
  take: TakeStep,
  { store, guard }: ConnectedStore,
  { tables, now }: StagingQuestions,
): Promise<void> {
  const { engine } = store;
  const ask = (sql: string): Promise<unknown> => guard(askOne(store, sql));
  await take('version', async () => `${engine.dialect} ${String(await ask(versionSql[engine.dialect]))}`);
  if (engine.dialect !== 'sqlite')
    await take('clock', () => compareClocks(async () => Number(await ask(`select ${engine.nowMs} as answer`)), now));
  if (engine.dialect === 'mysql')
    await take('local_infile', async () => bulkLoading(await ask('select @@local_infile as answer')));
  if (!(await take('schema', () => guard(migrated(store, tables))))) return;
  if (engine.dialect === 'sqlite' && (await missingMigrations(store, tables)).length > 0) return;
  if (engine.dialect !== 'sqlite') await take('grants', () => guard(mayWrite(store, tables)));
  await take('keys', () => guard(keysKeptApart(store, tables)));
  await take('feed', () => guard(feedReadable(store)));
}

async function askOne({ knex, engine }: Store, sql: string): Promise<unknown> {
  const { rows } = await engine.run(knex, sql, []);
  return rows[0]?.answer;
}

function bulkLoading(allowed: unknown): Finding {
  if (Number(allowed) === 1) return 'LOAD DATA LOCAL is allowed';
  return {
    detail: 'LOAD DATA LOCAL is forbidden, so rows are loaded by multi-row inserts, which take about twice as long',
    next: 'For large nights, let the administrator SET GLOBAL local_infile = 1.',
  };
}

async function migrated(store: Store, tables: readonly string[]): Promise<string> {
  const missing = await missingMigrations(store, tables);
  if (missing.length === 0) return 'the staging tables are up to date';
  if (store.engine.dialect === 'sqlite') return 'the next run makes the staging tables';
  throw new SegtagError('E_NOT_MIGRATED', {
    what: `The staging schema lacks ${missing.join(', ')}.`,
    remedy: 'Run segtag migrate with a user that may create tables.',
  });
}

/** Written by migrations only. */
const notWritten = new Set(['segtag_migration', 'segtag_migration_lock']);

async function mayWrite(store: Store, tables: readonly string[]): Promise<string> {
  const written = [...tables, ...serviceTables.filter((table) => !notWritten.has(table))];
  const missing: string[] = [];
  for (const table of written) {
    const grants = await missingGrants(store, table);
    if (grants.length > 0) missing.push(`${grants.join(', ')} ON ${table}`);
  }
  if (missing.length === 0) return 'SELECT, INSERT, UPDATE and DELETE on the staging tables';
  throw new SegtagError('E_GRANT_MISSING', {
    what: `Grants are missing: ${missing.join('; ')}.`,
    remedy: `Let the administrator GRANT ${missing[0]} to the user of this connection, and so on for the others.`,
  });
}

/** Tries each kind of statement on the table, without a row, and rolls back. */
async function missingGrants(store: Store, table: string): Promise<string[]> {
  const mayRead = await isGranted(store, 'select 1 from ?? where 1 = 0', [table]);
  if (mayRead === 'no such table') return [];
  const [column] = Object.keys((await store.knex(table).columnInfo()) as Readonly<Record<string, unknown>>);
  if (!mayRead || column === undefined) return ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
  const tries = [
    ['INSERT', 'insert into ?? select * from ?? where 1 = 0', [table, table]],
    ['UPDATE', 'update ?? set ?? = ?? where 1 = 0', [table, column, column]],
    ['DELETE', 'delete from ?? where 1 = 0', [table]],
  ] as const;
  const missing: string[] = [];
  for (const [grant, sql, names] of tries) if (!(await isGranted(store, sql, names))) missing.push(grant);
  return missing;
}

async function isGranted(
  { knex, engine }: Store,
  sql: string,
  names: readonly string[],
): Promise<boolean | 'no such table'> {
  const trx = await knex.transaction();
  try {
    await engine.run(trx, sql, names);
    return true;
  } catch (error) {
    const code = engine.classify(error)?.code;
    if (code === 'E_GRANT_MISSING') return false;
    if (code === 'E_NOT_MIGRATED') return 'no such table';
    throw error;
  } finally {
    await trx.rollback();
  }
}

async function keysKeptApart({ knex, engine }: Store, tables: readonly string[]): Promise<Finding> {
  const merging: string[] = [];
  for (const table of tables) if (await engine.keyComparison(knex, table)) merging.push(table);
  if (merging.length === 0) return 'customer ids are compared byte by byte';
  return {
    detail: `customer_id of ${merging.join(', ')} takes ids for the same that differ by case, accents or trailing blanks`,
    next: 'Give it a collation that compares bytes; until then a night with two such ids is refused.',
  };
}

/** A reader who has come less far than what was pruned can't go on with the feed. */
async function feedReadable(store: Store): Promise<Finding> {
  const { knex, engine } = store;
  const floor = await feedFloor(store);
  if (floor === 0) return 'no change of the feed has been pruned';
  const pruned = `changes up to ${floor} have been pruned`;
  const sql = 'select consumer from segtag_consumer where position < ? order by consumer';
  const { rows } = await engine.run(knex, sql, [floor]);
  if (rows.length === 0) return `${pruned}, and every reader is past them`;
  return {
    detail: `${pruned}, and not all were taken by ${rows.map(({ consumer }) => String(consumer)).join(', ')}`,
    next: 'Let it read the tag table as a whole, and acknowledge the highest change_seq there: segtag ack CONSUMER CHANGE_SEQ.',
  };
}
