import { copyFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { connectionSchema, type ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { loadMysql, loadPostgres } from '../support/copy-tables.ts';
import { nightOf } from '../support/in-process.ts';
import { tagsIn } from '../support/night.ts';
import { preparedTable, prepareCustomers, readPrepared } from '../support/prepared-jobs.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';

const [sqlite, postgres, mysql] = stagingEngines;
const days = ['2026-06-30', '2026-07-15'];
const isFull = Boolean(process.env.SEGTAG_TEST_FULL);
/** Their SQL is written for every engine. */
const everywhere = ['opportunities', 'rfm', 'thresholds'];
/** Their SQL is written for DuckDB and PostgreSQL; the other engines have a table of what it returns. */
const prepared = ['households', ...(isFull ? ['shoppers', 'members'] : [])];
const jobs = [...everywhere, 'shoppers', 'households', ...(isFull ? ['members'] : [])];
const jobsOfPostgres = isFull ? jobs : [...everywhere, 'households'];
const read = {
  postgres: ['opportunity', 'invoice_line', 'member', 'sales_transaction', 'household'],
  mysql: ['opportunity', 'invoice_line', ...prepared.map(preparedTable)],
};

type Night = { readonly summary: RunSummary; readonly tags: readonly Row[] };
type Nights = Readonly<Record<string, readonly Night[]>>;

const project = makeProject('.', {});
const inWarehouse = makeProject('.', {});
/** The same where some jobs read the table of their customers. */
const elsewhere = makeProject('.', {});
for (const { directory } of [project, inWarehouse, elsewhere]) addThresholds(directory);
for (const each of [inWarehouse, elsewhere])
  for (const job of jobs) edit(each, `jobs/${job}.yaml`, 'segments:', 'compute: warehouse\nsegments:');
for (const job of prepared) readPrepared(elsewhere, job);

/** The opportunities by plain rules, as no bundled job is. */
function addThresholds(directory: string): void {
  const [of, to] = ['opportunities', 'thresholds'].map((job) => [
    join(directory, 'jobs', `${job}.yaml`),
    join(directory, 'sql', job),
  ]) as [[string, string], [string, string]];
  cpSync(of[1], to[1], { recursive: true });
  const text = readFileSync(of[0], 'utf8')
    .replace('job: opportunities', 'job: thresholds')
    .replace(/\nfeatures:[^]*?\nrule_tag:[^\n]*\n/, '\nsegments:\n  method: rules\n')
    .replace('\nguards:', '\nlabels: [{ segment: key_account, name: Exceptional deal, when: outlier }]\nguards:')
    .replace(/\n {2}silhouette_sq:[^\n]*/, '');
  writeFileSync(to[0], text);
}

/** A first night of the bundled jobs, and one two weeks later that goes on from it. */
async function nightsOf(of: TestProject, warehouse: ResolvedConnection, some: readonly string[]): Promise<Nights> {
  const nights: Record<string, Night[]> = {};
  for (const job of some) {
    const database = await sqlite!.fresh();
    for (const asOf of days) {
      const loaded = loadJob(of.directory, job);
      const fields = { loaded, warehouse, runId: `${job}-of-${asOf}` };
      const summary = await nightOf(of, database.connection, asOf, fields);
      (nights[job] ??= []).push({ summary, tags: await tagsIn(database) });
    }
    await database.drop();
  }
  return nights;
}

function duckdb(file: string): ResolvedConnection {
  return {
    name: 'warehouse',
    target: 'test',
    config: { client: 'duckdb', file, views: {}, build: join(project.directory, 'sql', 'sample') },
  };
}

/** Everything that a run says but where its staging is, with numbers that have room for the order of sums. */
function expectTheSame(found: RunSummary, expected: RunSummary): void {
  const { quality, ...rest } = found;
  expect(quality === null).toBe(expected.quality === null);
  if (quality && expected.quality) {
    const { iterations, start } = expected.quality;
    expect(quality).toMatchObject({ iterations, start });
    for (const figure of ['inertia', 'silhouette_sq', 'silhouette', 'calinski_harabasz', 'davies_bouldin'] as const)
      expect(quality[figure]! / expected.quality[figure]!).toBeCloseTo(1, 9);
  }
  expect(rest.scoring).toEqual(expected.scoring);
  expect(rest.counts).toEqual(expected.counts);
  expect(rounded(rest.segments)).toEqual(rounded(expected.segments));
  expect(rest.guards.map(({ guard, verdict }) => [guard, verdict])).toEqual(
    expected.guards.map(({ guard, verdict }) => [guard, verdict]),
  );
}

describe('compute: warehouse gives the tags of compute: memory, on a first night and on one that goes on from it', () => {
  const tables: Record<string, string> = {};
  const ran: Ran[] = [];
  let reference: Nights;
  let sample: string;

  beforeAll(async () => {
    sample = join(project.directory, 'sample.duckdb');
    reference = await nightsOf(project, duckdb(sample), jobs);
    for (const job of prepared) tables[preparedTable(job)] = await prepareCustomers(project, { job, days, sample });
  });
  afterAll(() => {
    process.stdout.write(matrixOf(ran));
  });

  async function expectReference(
    engine: string,
    warehouse: ResolvedConnection,
    some: readonly string[],
    of = inWarehouse,
  ): Promise<void> {
    const nights = await nightsOf(of, warehouse, some);
    for (const job of some) {
      for (const [i, { summary, tags }] of nights[job]!.entries()) {
        const expected = reference[job]![i]!;
        expect(tags.length).toBeGreaterThan(500);
        expect(rounded(tags.map(withScores))).toEqual(rounded(expected.tags.map(withScores)));
        expectTheSame(summary, expected.summary);
      }
      const clustered = reference[job]![0]!.summary.quality !== null;
      const starts = nights[job]!.map(({ summary }) => summary.quality?.start);
      expect(starts).toEqual(clustered ? ['cold', 'warm'] : [undefined, undefined]);
      ran.push({ engine, job, isPrepared: of === elsewhere && prepared.includes(job), nights: nights[job]! });
    }
  }

  sqlite!.it('in DuckDB', () => expectReference('DuckDB', duckdb(sample), jobs));

  postgres!.it('in PostgreSQL, as a user who may only select', async () => {
    const source = await postgres!.fresh();
    await loadPostgres(source, sample);
    await expectReference('PostgreSQL', await asReader(source, read.postgres), jobsOfPostgres);
    await source.drop();
  });

  mysql!.it('in MariaDB, as a user who may only select', async () => {
    const source = await mysql!.fresh();
    await loadMysql(source, sample, tables);
    await expectReference('MariaDB', await asReader(source, read.mysql), [...everywhere, ...prepared], elsewhere);
    await source.drop();
  });

  sqlite!.it("through Vertica's driver and its stand-in", async () => {
    const copy = join(mkdtempSync(join(tmpdir(), 'segtag-vertica-')), 'sample.duckdb');
    copyFileSync(sample, copy);
    const wire = await startVerticaWire({ data: copy, authentication: 'sha512' });
    const { host, port, database } = wire;
    const config = connectionSchema.parse({
      client: 'vertica',
      host,
      port,
      database,
      user: 'segtag',
      password: 'segtag',
    });
    const warehouse = { name: 'warehouse', target: 'test', config };
    await expectReference('Vertica stand-in', warehouse, [...everywhere, ...prepared], elsewhere);
    await wire.stop();
  });
});

type Ran = {
  readonly engine: string;
  readonly job: string;
  readonly isPrepared: boolean;
  readonly nights: readonly Night[];
};

/** With numbers of twelve digits: Vertica writes doubles with 15, so that what comes of them differs in the last ones. */
function rounded(value: unknown): unknown {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'number' ? Number(part.toPrecision(12)) : part,
  );
  return JSON.parse(text) as unknown;
}

function withScores(tag: Row): Row {
  return { ...tag, scores: JSON.parse(String(tag['scores'])) as unknown };
}

/** Which job ran in which engine, and how many customers it tagged there as in memory. */
function matrixOf(ran: readonly Ran[]): string {
  const engines = [...new Set(ran.map(({ engine }) => engine))];
  const rows = jobs.map((job) => {
    const cells = engines.map((engine) => {
      const found = ran.find((each) => each.engine === engine && each.job === job);
      return found ? `${found.nights.map(({ tags }) => tags.length).join(' + ')}${found.isPrepared ? ' *' : ''}` : '–';
    });
    return [job, ...cells];
  });
  const lines = [['tags as in memory', ...engines], ...rows].map((cells) =>
    cells.map((cell) => cell.padEnd(20)).join(''),
  );
  return `${lines.join('\n')}\n* customers from a table of what the job's SQL returns\n`;
}

/** The database as a user who may read these tables and nothing else. */
async function asReader(source: StagingDatabase, tables: readonly string[]): Promise<ResolvedConnection> {
  const reader = await source.withLeastGrants(tables);
  const { client, user } = reader.config as { client: string; user: string };
  const who = client === 'mysql' ? `'${user}'@'%'` : user;
  for (const table of tables) await source.query(`revoke insert, update, delete on ${table} from ${who}`);
  return reader;
}
