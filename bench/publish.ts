import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Libsql from 'libsql';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { startDiff } from '../src/analysis/decide/diff.ts';
import { parseDay } from '../src/frame/day.ts';
import { idColumn } from '../src/frame/id.ts';
import { connectionSchema, type ResolvedConnection } from '../src/job/connections-schema.ts';
import { openStaging, type Staging } from '../src/staging/staging.ts';
import { startMariadb } from '../test/support/servers/mariadb.ts';
import { startPostgres, type TestServer } from '../test/support/servers/postgres.ts';
import { say, sayAbsent } from './say.ts';

// Three nights on each engine: a first publish, one of which nothing changed, and one of which 1 % moved. Each looks
// for drift, reads the tags back, compares and publishes. Next to them the driver's own bulk load of the same rows into
// a stage, and set-based inserts from there, without checks or run, by a program that knows all values beforehand:
// - "raw" inserts into a table of tags with the same keys. The ratio to it is the price of everything that a publish
//   does beyond the tags, most of which is two more tables of as many rows.
// - "raw in all" inserts into the three tables that a publish leaves, with the same keys: the tags, the change feed, and
//   the candidates, by which later nights find drift and rollbacks the way back. The ratio to it is the price of how a
//   publish writes them: comparing, checking, and all of it in one transaction or not at all. The stage is extra work
//   there, as a publish loads into the candidates and inserts from them; a leaner program could do without.
// The raw work is measured before the nights, while the database is empty.
// Run: npm run bench publish -- [customers]

const count = Number(process.argv[2] ?? 200_000);
const now = new Date().toISOString();
const job = 'bench';
const movedStep = 100;
const runId = `bench-${now.replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
const table = `bench_tag_${process.pid}`;
const rawTable = `bench_raw_${process.pid}`;
const rawFeed = `bench_feed_${process.pid}`;
const rawCandidates = `bench_candidate_${process.pid}`;
const rawStage = `bench_stage_${process.pid}`;
const scores = '{"features":{"recency_days":12,"value":4512.5},"r":4}';
const idOf = (index: number): string => `C${String(index).padStart(9, '0')}`;
const customerId = idColumn(Array.from({ length: count }, (_, index) => idOf(index)));
const segments = [
  { segment: 'renewal', name: 'Renewal', campaign: 'renewal' },
  { segment: 'win_back', name: 'Win-back', campaign: 'win-back' },
];
const everybodyIn = (step: number): Int32Array =>
  Int32Array.from({ length: count }, (_, index) => (index % step === step - 1 ? 1 : 0));

const columnList =
  'job, customer_id, segment, segment_name, campaign, previous_segment, segment_since, scores, state, run_id, change_seq';
const columns = columnList.split(', ');
const rawRow = (index: number): (string | number | null)[] => [
  job,
  idOf(index),
  'renewal',
  'Renewal',
  'renewal',
  null,
  '2026-03-01',
  scores,
  'active',
  `${runId}-1`,
  index,
];
const insertFeed = `insert into ${rawFeed} (change_seq, job, customer_id, kind, from_segment, to_segment, run_id, changed_at)
  select change_seq, job, customer_id, 'enter', null, segment, run_id, '2026-03-01 00:00:00' from ${rawStage}`;
const stateList = 'segment, segment_name, campaign, previous_segment, segment_since, scores, state';
const insertCandidates = `insert into ${rawCandidates} (run_id, position, customer_id, kind, ${stateList})
  select run_id, change_seq + 1, customer_id, 'enter', ${stateList} from ${rawStage}`;
const copies = [
  ['segment_change', rawFeed],
  ['segtag_candidate', rawCandidates],
] as const;
const leftovers = [table, rawTable, rawFeed, rawCandidates, rawStage].join(', ');
const makeStage = `create table ${rawStage} as select ${columnList} from ${rawTable} where 1 = 0`;
const insertRaw = `insert into ${rawTable} (${columnList}) select ${columnList} from ${rawStage}`;

/** The same rows in the driver's own way. */
type Raw = {
  /** Makes empty tables with the keys and indexes of the feed and the candidates. */
  prepare(): Promise<void>;
  /** Loads the stage and inserts the tags. */
  tags(): Promise<void>;
  /** Inserts the feed and the candidates from the stage. */
  rest(): Promise<void>;
};

async function benchmark(connection: ResolvedConnection, raw: Raw): Promise<void> {
  const staging = await openStaging(connection);
  await staging.migrate([table, rawTable]);
  await raw.prepare();
  const rawMs = await timed(raw.tags);
  const rawAllMs = rawMs + (await timed(raw.rest));
  const base = (await staging.publishedBase(job))?.runId ?? null;
  const first = await timed(() => night(staging, { id: `${runId}-1`, base, segmentOf: everybodyIn(count + 1) }));
  const before = await feedEnd(staging);
  const same = await timed(() =>
    night(staging, { id: `${runId}-2`, base: `${runId}-1`, segmentOf: everybodyIn(count + 1) }),
  );
  const written = (await feedEnd(staging)) - before;
  const moved = await timed(() =>
    night(staging, { id: `${runId}-3`, base: `${runId}-1`, segmentOf: everybodyIn(movedStep) }),
  );
  await staging.close();
  say(
    `${count.toLocaleString('en')} customers, ${staging.dialect.padEnd(9)} raw ${seconds(rawMs)}, in all ${seconds(rawAllMs)} · first publish ${seconds(first)}, ` +
      `${ratio(first, rawMs)} of raw (target 1.3), ${ratio(first, rawAllMs)} of raw in all · ` +
      `1 % moved ${seconds(moved)}, ${ratio(moved, first)} of the first (target 0.5) · ` +
      `nothing changed ${seconds(same)}, ${ratio(same, first)} of the first (target 0.35), ${written} rows written`,
    {
      bench: 'publish',
      engine: staging.dialect,
      customers: count,
      first_ms: first,
      first_of_raw: first / rawMs,
      first_of_raw_in_all: first / rawAllMs,
      moved_of_first: moved / first,
      same_of_first: same / first,
      rows_written_when_same: written,
    },
  );
}

async function feedEnd(staging: Staging): Promise<number> {
  return (await staging.consumerPosition('bench')).lag;
}

type Night = { readonly id: string; readonly base: string | null; readonly segmentOf: Int32Array };

async function night(staging: Staging, { id, base: baseRunId, segmentOf }: Night): Promise<void> {
  const ended = { slot: null, errorCode: null, errorMessage: null, finishedAt: null, publishedAt: null };
  const hashes = { jobHash: null, sqlHash: null, dataHash: null, counts: {}, timings: {}, summary: null };
  const begun = {
    job,
    targetTable: table,
    trigger: 'manual',
    asOf: '2026-03-01',
    startedAt: now,
    status: 'running',
  } as const;
  await staging.insertRun({ runId: id, baseRunId, ...begun, ...hashes, ...ended });
  await staging.findDrift({ job, table });
  const wanted = { customerId, segmentOf, segments, scoresAt: () => scores };
  const options = {
    asOf: parseDay('2026-03-01'),
    leavers: 'tombstone',
    scores: 'with_segment',
    sameScores: () => true,
    kept: new Set<string>(),
    dropped: new Set<string>(),
  } as const;
  const query = { job, table, withScores: false };
  const { candidates } = await staging.readTagsInParts(query, () => startDiff(wanted, options));
  if (candidates.count === 0) {
    await staging.updateRun(id, { status: 'no_change' });
    return;
  }
  const changes = { candidates, model: null };
  await staging.publish({ runId: id, job, table, baseRunId, leavers: 'tombstone', changes, publishedAt: now });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function ratio(ms: number, of: number): string {
  return `${(ms / of).toFixed(2)} ×`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function benchSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-bench-'));
  const file = join(folder, 'crm.sqlite');
  const inFile = async (work: (db: Libsql.Database) => void): Promise<void> => {
    const db = new Libsql(file);
    db.exec('begin');
    work(db);
    db.exec('commit');
    db.close();
  };
  await benchmark(resolved({ client: 'sqlite', file }), {
    prepare: () =>
      inFile((db) => {
        for (const [from, to] of copies) db.exec(sqliteCopy(db, from, to));
      }),
    tags: () =>
      inFile((db) => {
        db.exec(makeStage);
        const marks = columns.map(() => '?').join(', ');
        const insert = db.prepare(`insert into ${rawStage} (${columnList}) values (${marks})`);
        for (let index = 0; index < count; index++) insert.run(rawRow(index));
        db.exec(insertRaw);
      }),
    rest: () => inFile((db) => db.exec(`${insertFeed}; ${insertCandidates}`)),
  });
  rmSync(folder, { recursive: true });
}

/** The statements that made a table and its indexes, for one of another name. */
function sqliteCopy(db: Libsql.Database, from: string, to: string): string {
  const made = db.prepare('select sql from sqlite_master where tbl_name = ? and sql is not null').all([from]);
  return (made as { sql: string }[]).map(({ sql }) => `${sql.replaceAll(from, to)};`).join('\n');
}

async function benchPostgres(url: URL): Promise<void> {
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await benchmark(serverAt('postgres', url), {
    async prepare() {
      for (const [from, to] of copies) await client.query(`create table ${to} (like ${from} including all)`);
    },
    async tags() {
      await client.query(makeStage);
      const copy = client.query(copyFrom(`copy ${rawStage} (${columnList}) from stdin`));
      await pipeline(Readable.from(copyLines()), copy);
      await client.query(insertRaw);
    },
    async rest() {
      await client.query(insertFeed);
      await client.query(insertCandidates);
    },
  });
  await client.query(`drop table ${leftovers}`);
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
  await benchmark(serverAt('mysql', url), {
    async prepare() {
      for (const [from, to] of copies) await client.query(`create table ${to} like ${from}`);
    },
    async tags() {
      await client.query(makeStage);
      const sql = `load data local infile 'rows' into table ${rawStage} (${columnList})`;
      await client.query({ sql, infileStreamFactory: () => Readable.from(copyLines(), { objectMode: true }) });
      await client.query(insertRaw);
    },
    async rest() {
      await client.query(insertFeed);
      await client.query(insertCandidates);
    },
  });
  await client.query(`drop table ${leftovers}`);
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
  if (!server) return sayAbsent(name, 'install it, or set its SEGTAG_TEST_…_URL');
  try {
    await bench(new URL(server.url));
  } finally {
    await server.stop();
  }
}

await benchSqlite();
await withServer('PostgreSQL', process.env.SEGTAG_TEST_POSTGRES_URL, startPostgres, benchPostgres);
await withServer('MariaDB', process.env.SEGTAG_TEST_MYSQL_URL, startMariadb, benchMysql);
