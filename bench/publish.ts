import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Libsql from 'libsql';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Candidate, Candidates } from '../src/frame/tags.ts';
import { connectionSchema, type ResolvedConnection } from '../src/job/connections-schema.ts';
import type { Published } from '../src/staging/publish-options.ts';
import { openStaging, type Staging } from '../src/staging/staging.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres, type TestServer } from '../test/support/servers/postgres.ts';

// First publish of new customers on each engine, next to the driver's own bulk insert of the same rows
// into one table without feed, checks or run. Run: npx tsx bench/publish.ts [customers]

const count = Number(process.argv[2] ?? 200_000);
const now = new Date().toISOString();
const job = 'bench';
const movedStep = 20;
const runId = `bench-${now.replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
const table = `bench_tag_${process.pid}`;
const scores = '{"features":{"recency_days":12,"value":4512.5},"r":4}';
const idOf = (index: number): string => `C${String(index).padStart(9, '0')}`;

const entering: Candidates = { count, at: (index) => candidateAt(index, null) };

/** Every `step`th customer, of those who entered with the given first number. */
function moving(step: number, firstSeq: number): Candidates {
  const at = (index: number): Candidate => candidateAt(index * step, firstSeq + index * step);
  return { count: Math.floor(count / step), at };
}

function candidateAt(index: number, expectedChangeSeq: number | null): Candidate {
  return {
    customerId: idOf(index),
    kind: expectedChangeSeq === null ? 'enter' : 'move',
    expectedChangeSeq,
    fromSegment: null,
    segment: expectedChangeSeq === null ? 'renewal' : 'win_back',
    segmentName: 'Renewal',
    campaign: 'renewal',
    previousSegment: null,
    segmentSince: '2026-03-01',
    scores,
    state: 'active',
  };
}

const columnList =
  'job, customer_id, segment, segment_name, campaign, previous_segment, segment_since, scores, state, run_id, change_seq';
const columns = columnList.split(', ');
const rawRow = (index: number): (string | number | null)[] => [
  'raw',
  idOf(index),
  'renewal',
  'Renewal',
  'renewal',
  null,
  '2026-03-01',
  scores,
  'active',
  'raw',
  index,
];

async function benchmark(connection: ResolvedConnection, rawInsert: () => Promise<void>): Promise<void> {
  const staging = await openStaging(connection);
  await staging.migrate([table]);
  const publishing = (id: string, baseRunId: string | null, candidates: Candidates): Promise<Published> =>
    publishAs(staging, { id, baseRunId, candidates });
  const baseRunId = (await staging.publishedBase(job))?.runId ?? null;
  let firstSeq = 0;
  const publishMs = await timed(async () => ({ firstSeq } = await publishing(`${runId}-1`, baseRunId, entering)));
  const nextMs = await timed(() => publishing(`${runId}-2`, `${runId}-1`, moving(movedStep, firstSeq)));
  const readMs = await timed(() => staging.readTags({ job, table, withScores: false }));
  const rawMs = await timed(rawInsert);
  await staging.close();
  console.log(
    `${staging.dialect.padEnd(9)} publish ${rate(publishMs)} · raw bulk insert ${rate(rawMs)} · ` +
      `publish takes ${(publishMs / rawMs).toFixed(1)} × as long · ` +
      `next night, 5 % move ${Math.round(nextMs)} ms · read back ${rate(readMs)}`,
  );
}

async function publishAs(
  staging: Staging,
  run: { readonly id: string; readonly baseRunId: string | null; readonly candidates: Candidates },
): Promise<Published> {
  const ended = { slot: null, errorCode: null, errorMessage: null, finishedAt: null, publishedAt: null };
  const hashes = { jobHash: null, sqlHash: null, dataHash: null, counts: {}, timings: {}, summary: null };
  const { id, baseRunId, candidates } = run;
  const begun = {
    job,
    targetTable: table,
    trigger: 'manual',
    asOf: '2026-03-01',
    startedAt: now,
    status: 'running',
  } as const;
  await staging.insertRun({ runId: id, baseRunId, ...begun, ...hashes, ...ended });
  const changes = { candidates, model: null };
  return staging.publish({ runId: id, job, table, baseRunId, leavers: 'tombstone', changes, publishedAt: now });
}

function rate(ms: number): string {
  return `${Math.round((count / ms) * 1000).toLocaleString('en')} rows/s`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function benchSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-bench-'));
  const file = join(folder, 'crm.sqlite');
  await benchmark(resolved({ client: 'sqlite', file }), async () => {
    const db = new Libsql(file);
    const insert = db.prepare(`insert into ${table} (${columnList}) values (${columns.map(() => '?').join(', ')})`);
    db.exec('begin');
    for (let index = 0; index < count; index++) insert.run(rawRow(index));
    db.exec('commit');
    db.close();
  });
  rmSync(folder, { recursive: true });
}

async function benchPostgres(url: URL): Promise<void> {
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await benchmark(serverAt('postgres', url), async () => {
    const copy = client.query(copyFrom(`copy ${table} (${columnList}) from stdin`));
    await pipeline(Readable.from(copyLines()), copy);
  });
  await client.query(`drop table ${table}`);
  await client.end();
}

function* copyLines(): Generator<Buffer> {
  for (let start = 0; start < count; start += 1000) {
    let chunk = '';
    for (let index = start; index < Math.min(start + 1000, count); index++)
      chunk += `${rawRow(index)
        .map((value) => value ?? '\\N')
        .join('\t')}\n`;
    yield Buffer.from(chunk);
  }
}

async function benchMysql(url: URL): Promise<void> {
  const client = await createConnection({ uri: url.href });
  await benchmark(serverAt('mysql', url), async () => {
    const sql = `load data local infile 'rows' into table ${table} (${columnList})`;
    await client.query({ sql, infileStreamFactory: () => Readable.from(copyLines(), { objectMode: true }) });
  });
  await client.query(`drop table ${table}`);
  await client.end();
}

function serverAt(client: 'postgres' | 'mysql', url: URL): ResolvedConnection {
  const password = url.password === '' ? {} : { password: url.password };
  const login = { user: url.username, ...password, database: url.pathname.slice(1) };
  return resolved({ client, host: url.hostname, ...(url.port ? { port: Number(url.port) } : {}), ...login });
}

function resolved(config: object): ResolvedConnection {
  return { name: 'crm', target: 'bench', config: connectionSchema.parse(config) };
}

async function withServer(
  name: string,
  given: string | undefined,
  start: () => Promise<TestServer | undefined>,
  bench: (url: URL) => Promise<void>,
): Promise<void> {
  if (given) return bench(new URL(given));
  const server = await start();
  if (!server) return console.log(`${name} is absent: install it, or set its SEGTAG_TEST_…_URL`);
  try {
    await bench(new URL(server.url));
  } finally {
    await server.stop();
  }
}

console.log(`${count.toLocaleString('en')} customers enter at the first publish`);
await benchSqlite();
await withServer('PostgreSQL', process.env.SEGTAG_TEST_POSTGRES_URL, startPostgres, benchPostgres);
await withServer('MariaDB', process.env.SEGTAG_TEST_MYSQL_URL, startMariadb, benchMysql);
