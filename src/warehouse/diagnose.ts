import { accessSync, constants, existsSync } from 'node:fs';
import { compareClocks } from '../diagnosis/clock.ts';
import { diskSpace } from '../diagnosis/disk.ts';
import { openSocket, reach, type Server } from '../diagnosis/network.ts';
import { diagnose, type Step, type TakeStep } from '../diagnosis/steps.ts';
import { inspectTls } from '../diagnosis/tls.ts';
import { SegtagError } from '../errors.ts';
import type { DuckdbConnection, ResolvedConnection, VerticaConnection } from '../job/connections-schema.ts';
import { openWarehouse } from './open.ts';
import { hostsOf } from './vertica/hosts.ts';
import type { Dialect, Statement, Warehouse } from './warehouse.ts';

export type WarehouseQuestions = {
  /** What the jobs read: asked for without a row, so that a missing table, column or grant shows. */
  readonly statements: readonly Statement[];
  readonly now: () => number;
};

const readTimeoutMs = 10_000;

/** Looks at everything that a night needs of a warehouse, from its name to the tables of each job. */
export function diagnoseWarehouse(
  connection: ResolvedConnection,
  { statements, now }: WarehouseQuestions,
): Promise<readonly Step[]> {
  return diagnose(async (take) => {
    if (!(await reached(take, connection, now))) return;
    const opened: Warehouse[] = [];
    const login = async (): Promise<string> => {
      const warehouse = await openWarehouse(connection, { job: 'doctor', runId: '-' });
      opened.push(warehouse);
      return warehouse.place;
    };
    const isOpen = await take('login', login);
    const [warehouse] = opened;
    if (!isOpen || !warehouse) return;
    await lookInside(take, warehouse, now);
    await warehouse.close();
    await take('grants', () => mayRead(connection, statements));
  });
}

async function reached(take: TakeStep, { config }: ResolvedConnection, now: () => number): Promise<boolean> {
  switch (config.client) {
    case 'duckdb':
      if (!(await take('file', async () => readableFiles(config)))) return false;
      return config.file === ':memory:' || take('disk', async () => diskSpace(config.file));
    case 'postgres':
    case 'vertica':
    case 'mysql': {
      const timeoutMs = config.connect_timeout_seconds * 1000;
      const named = { ...config, timeoutMs, unreachable: 'E_WAREHOUSE_UNREACHABLE' } as const;
      const server = config.client === 'vertica' ? await answeringNode(take, config, named) : named;
      const protocol = config.client === 'mysql' ? 'mysql' : 'postgres';
      return (await reach(take, server)) && take('tls', () => inspectTls({ ...server, protocol }, now()));
    }
    case 'sqlite':
      return true;
  }
}

/** The node that a session would be opened on. Nodes that don't answer are named, and fail nothing while another does. */
async function answeringNode<Named extends Server>(
  take: TakeStep,
  config: VerticaConnection,
  named: Named,
): Promise<Named> {
  const nodes = hostsOf({ ...config, load_balance: false }).map((node) => ({ ...named, ...node }));
  if (nodes.length === 1) return named;
  const answers = await Promise.all(
    nodes.map((node) =>
      openSocket(node).then(
        (socket) => (socket.destroy(), true),
        () => false,
      ),
    ),
  );
  const silent = nodes.filter((_, index) => !answers[index]).map(({ host, port }) => `${host}:${port}`);
  await take('hosts', async () => {
    if (silent.length === 0) return `all ${nodes.length} nodes answer`;
    const detail = `${nodes.length - silent.length} of ${nodes.length} nodes answer, not ${silent.join(', ')}`;
    return { detail, next: 'Start these nodes, or correct `host` and `backup_hosts`.' };
  });
  return nodes[answers.indexOf(true)] ?? named;
}

/** A database that is there or can be built, and files behind the views. */
function readableFiles({ file, views, build }: DuckdbConnection): string {
  for (const path of [...(existsSync(file) ? [file] : []), ...Object.values(views)]) mayBeRead(path);
  const count = Object.keys(views).length;
  const behind = count === 0 ? '' : `, ${count} ${count === 1 ? 'file' : 'files'} behind views`;
  if (file === ':memory:') return `in memory${behind}`;
  if (existsSync(file)) return `${file} can be read${behind}`;
  if (build !== undefined && existsSync(build)) return `${file} will be built from ${build}${behind}`;
  throw new SegtagError('E_CONNECTION_CONFIG', {
    what: `The database file ${file} does not exist.`,
    remedy: 'Correct `file` of the connection, or give `build` a folder of SQL files that make the database.',
  });
}

function mayBeRead(path: string): void {
  // A pattern of many files, or files elsewhere, are DuckDB's to find.
  if (/[*?[]|^[a-z][a-z0-9+]+:\/\//i.test(path)) return;
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      what: existsSync(path) ? `${path} cannot be read by this user.` : `${path} does not exist.`,
      remedy: 'Correct `file` or `views` of the connection, or the rights of the file.',
      cause,
    });
  }
}

/** Milliseconds since 1970 by the server's clock. Vertica's stands still in a transaction, so it is asked first. */
const clockSql: Readonly<Partial<Record<Dialect, string>>> = {
  postgres: 'SELECT CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000 AS DOUBLE PRECISION) AS answer',
  mysql: 'SELECT UNIX_TIMESTAMP(SYSDATE(6)) * 1000 AS answer',
  vertica: 'SELECT CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS FLOAT) AS answer',
};

async function lookInside(take: TakeStep, warehouse: Warehouse, now: () => number): Promise<void> {
  const clock = clockSql[warehouse.dialect];
  // After a failed read a session is only good for closing.
  const goesOn =
    clock === undefined ||
    (await take('clock', () => compareClocks(async () => Number(await answer(warehouse, clock)), now)));
  if (goesOn) await take('version', async () => answer(warehouse, 'SELECT VERSION() AS answer'));
}

async function answer(warehouse: Warehouse, sql: string): Promise<string> {
  const statement = { file: 'a question of the doctor', sql, bindings: [] };
  const { columns } = await warehouse.read(statement, { timeoutMs: readTimeoutMs });
  const column = columns.get('answer');
  if (column?.kind === 'text') return column.dictionary[0] ?? '';
  return column?.kind === 'number' ? String(column.values[0]) : '';
}

async function mayRead(connection: ResolvedConnection, statements: readonly Statement[]): Promise<string> {
  for (const statement of statements) {
    const warehouse = await openWarehouse(connection, { job: 'doctor', runId: '-' });
    try {
      await warehouse.read(withoutRows(statement), { timeoutMs: readTimeoutMs });
    } catch (error) {
      if (!(error instanceof SegtagError)) throw error;
      const { code, what, remedy, where } = error;
      throw new SegtagError(code, { what: where === undefined ? what : `${where}: ${what}`, remedy, cause: error });
    } finally {
      await warehouse.close();
    }
  }
  if (statements.length === 0) return 'no job reads from here';
  return `${statements.map(({ file }) => file).join(', ')} may be read`;
}

/** The statement as a table of which no row is wanted; its errors stay where they stand in its file. */
function withoutRows(statement: Statement): Statement {
  const before = 'SELECT * FROM (';
  const origins = statement.origins ?? [{ offset: 0, line: 1, column: 1 }];
  return {
    ...statement,
    sql: `${before}${statement.sql}\n) AS every_customer WHERE 1 = 0`,
    origins: origins.map((origin) => ({ ...origin, offset: origin.offset + before.length })),
  };
}
