import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import mysql from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { Client, Query } from 'pg';
import { connectionSchema } from '../src/job/connections-schema.ts';
import { openWarehouse } from '../src/warehouse/open.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { startVerticaWire } from '../test/support/vertica-wire/server.ts';
import { say, sayAbsent } from './say.ts';

// Reading customers into typed columns on each engine, next to the driver's own fastest way of handing
// over the same rows (numbers into Float64Arrays, texts kept as strings). Both take turns; medians count.
// Vertica's stand-in runs in this very process, so that both sides also wait for its work.
// Run: npm run bench extract -- [customers]

const count = Number(process.argv[2] ?? 600_000);
const rounds = 7;
const query = 'SELECT customer_id, recency_days, orders, value, country FROM customer';
const numeric = [1, 2, 3];

type Contest = { readonly engine: string; ours(): Promise<number>; raw(): Promise<number>; end(): Promise<void> };

const customers = (series: string): string => `CREATE TABLE customer AS
  SELECT 'C' || CAST(10000000 + i AS VARCHAR) AS customer_id, CAST(i % 1000 AS INTEGER) AS recency_days,
    CAST(i % 77 AS BIGINT) AS orders, CAST((CAST(i AS BIGINT) * 7919) % 1000003 AS NUMERIC(18, 2)) / 100 AS value,
    CASE i % 3 WHEN 0 THEN 'Portugal' WHEN 1 THEN 'Germany' ELSE 'United Kingdom' END AS country
  FROM ${series}`;

/** Where a raw driver's rows go: the cheapest thing that keeps them. */
function keep(): { row(values: readonly unknown[]): void; rows(): number } {
  const numbers = numeric.map(() => new Float64Array(count));
  const texts: unknown[][] = [[], []];
  let rows = 0;
  return {
    row(values) {
      for (let i = 0; i < numeric.length; i++) numbers[i]![rows] = Number(values[numeric[i]!]);
      texts[0]!.push(values[0]);
      texts[1]!.push(values[4]);
      rows++;
    },
    rows: () => rows,
  };
}

async function oursOn(settings: Record<string, unknown>): Promise<Pick<Contest, 'ours' | 'end'>> {
  const config = connectionSchema.parse(settings);
  const warehouse = await openWarehouse({ name: 'bench', target: 'bench', config }, { job: 'bench', runId: 'bench' });
  const statement = { file: 'bench.sql', sql: query, bindings: [] };
  return {
    ours: async () => (await warehouse.read(statement, { timeoutMs: 60_000, idColumn: 'customer_id' })).rowCount,
    end: warehouse.close,
  };
}

async function duckdb(): Promise<Contest> {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-bench-'));
  const file = join(folder, 'bench.duckdb');
  const builder = await DuckDBInstance.create(file);
  await (await builder.connect()).run(customers(`range(0, ${count}) AS series (i)`));
  builder.closeSync();
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY', preserve_insertion_order: 'false' });
  const connection = await instance.connect();
  const { ours, end } = await oursOn({ client: 'duckdb', file });
  return {
    engine: 'DuckDB',
    ours,
    async raw() {
      const numbers = numeric.map(() => new Float64Array(count));
      const texts: unknown[][] = [[], []];
      const result = await connection.stream(query);
      let rows = 0;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) return rows;
        for (const [i, column] of numeric.entries()) {
          const vector = chunk.getColumnVector(column);
          for (let row = 0; row < chunk.rowCount; row++) numbers[i]![rows + row] = Number(vector.getItem(row));
        }
        for (const [i, column] of [0, 4].entries()) {
          const vector = chunk.getColumnVector(column);
          for (let row = 0; row < chunk.rowCount; row++) texts[i]!.push(vector.getItem(row));
        }
        rows += chunk.rowCount;
      }
    },
    async end() {
      await end();
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true });
    },
  };
}

async function postgres(): Promise<Contest | undefined> {
  const server = await startPostgres();
  if (!server) return undefined;
  const url = new URL(server.url);
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(customers(`generate_series(0, ${count} - 1) AS series (i)`));
  await client.query('ANALYZE customer');
  const { ours, end } = await oursOn({
    client: 'postgres',
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: url.username,
  });
  const types = { getTypeParser: () => (text: string | Buffer) => text };
  return {
    engine: 'PostgreSQL',
    ours,
    raw: () =>
      new Promise((resolve, reject) => {
        const kept = keep();
        const raw = new Query<readonly unknown[]>({ text: query, rowMode: 'array', types } as never);
        raw.on('row', kept.row);
        raw.on('end', () => resolve(kept.rows()));
        raw.on('error', reject);
        client.query(raw);
      }),
    async end() {
      await end();
      await client.end();
      await server.stop();
    },
  };
}

async function mariadb(): Promise<Contest | undefined> {
  const server = await startMariadb();
  if (!server) return undefined;
  const { hostname, port, username, password, pathname } = new URL(server.url);
  const login = { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) };
  const maker = await createConnection(login);
  await maker.query("SET SESSION sql_mode = 'PIPES_AS_CONCAT'");
  const spelled = customers(`(SELECT seq AS i FROM seq_0_to_${count - 1}) AS series`);
  await maker.query(
    spelled
      .replaceAll(/AS (?:INTEGER|BIGINT)\)/g, 'AS SIGNED)')
      .replace('AS VARCHAR)', 'AS CHAR)')
      .replace('NUMERIC', 'DECIMAL'),
  );
  await maker.end();
  const client = mysql.createConnection({ ...login, rowsAsArray: true, supportBigNumbers: true });
  const { ours, end } = await oursOn({ client: 'mysql', ...login });
  return {
    engine: 'MariaDB',
    ours,
    raw: () =>
      new Promise((resolve, reject) => {
        const kept = keep();
        const raw = client.execute(query);
        raw.on('result', (row) => kept.row(row as unknown as unknown[]));
        raw.on('end', () => resolve(kept.rows()));
        raw.on('error', reject);
      }),
    async end() {
      await end();
      await client.promise().end();
      await server.stop();
    },
  };
}

type VerticaNodejs = {
  readonly Client: new (config: object) => {
    connect(): Promise<void>;
    query(query: object): void;
    end(): Promise<void>;
  };
  readonly Query: new (config: object) => { on(event: string, listener: (value: never) => void): void };
};

async function vertica(): Promise<Contest> {
  const wire = await startVerticaWire();
  const maker = await wire.instance.connect();
  await maker.run(customers(`range(0, ${count}) AS series (i)`));
  maker.closeSync();
  const { host, port, database } = wire;
  const login = { host, port, database, user: 'segtag' };
  const { ours, end } = await oursOn({ client: 'vertica', ...login });
  const driver = createRequire(import.meta.url)('vertica-nodejs') as VerticaNodejs;
  const client = new driver.Client({ ...login, tls_mode: 'disable' });
  await client.connect();
  return {
    engine: 'Vertica wire',
    ours,
    raw: () =>
      new Promise((resolve, reject) => {
        const kept = keep();
        const raw = new driver.Query({ text: query, rowMode: 'array' });
        raw.on('row', kept.row);
        raw.on('end', () => resolve(kept.rows()));
        raw.on('error', reject);
        client.query(raw);
      }),
    async end() {
      await end();
      await client.end();
      await wire.stop();
    },
  };
}

async function timed(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const rows = await work();
  if (rows !== count) throw new Error(`${rows} of ${count} rows were read`);
  return performance.now() - started;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

for (const start of [duckdb, postgres, mariadb, vertica]) {
  const contest = await start();
  if (!contest) {
    sayAbsent(start.name, 'install it');
    continue;
  }
  const [ours, raw]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await timed(contest.ours));
    raw.push(await timed(contest.raw));
  }
  await contest.end();
  const [ourMs, rawMs] = [median(ours), median(raw)];
  const rate = ((count / ourMs) * 1000).toLocaleString('en-US', { maximumFractionDigits: 0 });
  say(
    `${contest.engine.padEnd(12)} ${ourMs.toFixed(0).padStart(6)} ms  raw driver ${rawMs.toFixed(0).padStart(6)} ms  ` +
      `ratio ${(ourMs / rawMs).toFixed(2)}  ${rate} rows/s`,
    { bench: 'extract', engine: contest.engine, rows: count, ms: ourMs, raw_ms: rawMs, ratio: ourMs / rawMs },
  );
}
