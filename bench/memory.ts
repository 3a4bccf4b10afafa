import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { columnLength, type Column } from '../src/frame/column.ts';
import { connectionSchema } from '../src/job/connections-schema.ts';
import { openWarehouse } from '../src/warehouse/open.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { startVerticaWire } from '../test/support/vertica-wire/server.ts';
import { say, sayAbsent } from './say.ts';

// Reads customers into typed columns on each engine, each in a process of its own, and prints how far
// its resident memory rose above what it was before, over the bytes of the columns that it kept.
// Run: npm run bench memory -- [customers]

/** What reading took; `peakBytes` are above what the process held before. */
type Held = { readonly columnBytes: number; readonly peakBytes: number; readonly seconds: number };
type Order = { readonly settings: Record<string, unknown>; readonly sql: string };

if (process.argv[2] === '--one') await readOne(JSON.parse(process.argv[3] ?? '') as Order);
else await readAll(Number(process.argv[2] ?? 5_000_000));

async function readAll(count: number): Promise<void> {
  const last = count - 1;
  const duckSeries = `(SELECT i::INTEGER AS i FROM range(${count}) AS r (i)) AS s`;
  await report('DuckDB', count, { settings: { client: 'duckdb' }, sql: select(duckSeries, "'C' || (10000000 + i)") });
  const postgres = await startPostgres();
  if (postgres) {
    const from = `(SELECT i FROM generate_series(0, ${last}) AS i) AS s`;
    await report('PostgreSQL', count, {
      settings: server(postgres.url, 'postgres'),
      sql: select(from, "'C' || (10000000 + i)"),
    });
    await postgres.stop();
  } else sayAbsent('PostgreSQL', 'not installed here');
  const mariadb = await startMariadb();
  if (mariadb) {
    const from = `(SELECT seq AS i FROM seq_0_to_${last}) AS s`;
    await report('MariaDB', count, {
      settings: server(mariadb.url, 'mysql'),
      sql: select(from, "CONCAT('C', 10000000 + i)"),
    });
    await mariadb.stop();
  } else sayAbsent('MariaDB', 'not installed here');
  const vertica = await startVerticaWire();
  const filling = await vertica.instance.connect();
  await filling.run(`CREATE TABLE series AS SELECT i::BIGINT AS i FROM range(${count}) AS r (i)`);
  filling.closeSync();
  const { host, port, database } = vertica;
  const settings = { client: 'vertica', host, port, database, user: 'segtag' };
  await report('Vertica stand-in', count, { settings, sql: select('series', "'C' || (10000000 + i)") });
  await vertica.stop();
}

/** Reads in a child process, while this one may serve it. */
async function report(engine: string, count: number, order: Order): Promise<void> {
  const child = spawn(process.execPath, commandOf(order), { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  await once(child, 'close');
  const { columnBytes, peakBytes, seconds } = JSON.parse(stdout) as Held;
  const ratio = peakBytes / columnBytes;
  say(
    `${engine.padEnd(19)} ${count.toLocaleString('en-US')} × 5  columns ${mb(columnBytes)}, ` +
      `resident above the baseline ${mb(peakBytes)}, ratio ${ratio.toFixed(2)}, ${seconds.toFixed(1)} s`,
    { bench: 'memory', engine, rows: count, column_bytes: columnBytes, peak_bytes: peakBytes, ratio, seconds },
  );
}

function commandOf(order: Order): string[] {
  return [fileURLToPath(import.meta.url), '--one', JSON.stringify(order)];
}

async function readOne({ settings, sql }: Order): Promise<void> {
  const config = connectionSchema.parse(settings);
  const connection = { name: 'warehouse', target: 'bench', config };
  const warehouse = await openWarehouse(connection, { job: 'bench', runId: 'memory' });
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const started = performance.now();
  const statement = { file: 'bench.sql', sql: sql.replaceAll('?', '\\?'), bindings: [] };
  const frame = await warehouse.read(statement, {
    idColumn: 'id',
    timeoutMs: 600_000,
    onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())),
  });
  peak = Math.max(peak, process.memoryUsage.rss());
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  const bytes = [...frame.columns.values()].reduce((sum, column) => sum + bytesOf(column), 0);
  console.log(JSON.stringify({ columnBytes: bytes, peakBytes: peak - before, seconds } satisfies Held));
  await warehouse.close();
}

function bytesOf(column: Column): number {
  if (column.kind === 'id') return column.bytes.byteLength + column.offsets.byteLength;
  return column.kind === 'text' ? column.codes.byteLength : columnLength(column) * 8;
}

function server(url: string, client: string): Record<string, unknown> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const login = { user: username, ...(password === '' ? {} : { password }), database: pathname.slice(1) };
  return { client, host: hostname, port: Number(port), ...login };
}

function select(from: string, id: string): string {
  return `SELECT ${id} AS id, i AS recency_days, i * 2 AS orders,
    CAST(i AS DECIMAL(18, 2)) / 100 AS value, CASE WHEN i > 9 THEN 'many' ELSE 'few' END AS word FROM ${from}`;
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
