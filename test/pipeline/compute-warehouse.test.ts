import { copyFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { connectionSchema, type ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { loadMysql, loadPostgres } from '../support/copy-tables.ts';
import { nightOf } from '../support/in-process.ts';
import { tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';

const [sqlite, postgres, mysql] = stagingEngines;
const days = ['2026-06-30', '2026-07-15'];
/** MariaDB and Vertica have no SQL for the shoppers and the members; what the households are made of is made in memory. */
const everywhere = ['opportunities', 'rfm', 'thresholds'];
const isFull = Boolean(process.env.SEGTAG_TEST_FULL);
const jobs = [...everywhere, 'shoppers', ...(isFull ? ['members'] : [])];
const jobsOfPostgres = isFull ? jobs : everywhere;
const read = {
  postgres: ['opportunity', 'invoice_line', 'member', 'sales_transaction'],
  mysql: ['opportunity', 'invoice_line'],
};

type Night = { readonly summary: RunSummary; readonly tags: readonly Row[] };
type Nights = Readonly<Record<string, readonly Night[]>>;

const project = makeProject('.', {});
const inWarehouse = makeProject('.', {});
for (const { directory } of [project, inWarehouse]) addThresholds(directory);
for (const job of jobs) edit(inWarehouse, `jobs/${job}.yaml`, 'segments:', 'compute: warehouse\nsegments:');

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
  expect(rest.segments).toEqual(expected.segments);
  expect(rest.guards.map(({ guard, verdict }) => [guard, verdict])).toEqual(
    expected.guards.map(({ guard, verdict }) => [guard, verdict]),
  );
}

describe('compute: warehouse gives the tags of compute: memory, on a first night and on one that goes on from it', () => {
  let reference: Nights;
  let sample: string;

  beforeAll(async () => {
    sample = join(project.directory, 'sample.duckdb');
    reference = await nightsOf(project, duckdb(sample), jobs);
  });

  async function expectReference(warehouse: ResolvedConnection, some: readonly string[]): Promise<void> {
    const nights = await nightsOf(inWarehouse, warehouse, some);
    for (const job of some) {
      for (const [i, { summary, tags }] of nights[job]!.entries()) {
        const expected = reference[job]![i]!;
        expect(tags.length).toBeGreaterThan(500);
        expect(tags).toEqual(expected.tags);
        expectTheSame(summary, expected.summary);
      }
      const clustered = reference[job]![0]!.summary.quality !== null;
      const starts = nights[job]!.map(({ summary }) => summary.quality?.start);
      expect(starts).toEqual(clustered ? ['cold', 'warm'] : [undefined, undefined]);
    }
  }

  sqlite!.it('in DuckDB', () => expectReference(duckdb(sample), jobs));

  postgres!.it('in PostgreSQL, as a user who may only select', async () => {
    const source = await postgres!.fresh();
    await loadPostgres(source, sample);
    await expectReference(await asReader(source, read.postgres), jobsOfPostgres);
    await source.drop();
  });

  mysql!.it('in MariaDB, as a user who may only select', async () => {
    const source = await mysql!.fresh();
    await loadMysql(source, sample);
    await expectReference(await asReader(source, read.mysql), everywhere);
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
    await expectReference({ name: 'warehouse', target: 'test', config }, everywhere);
    await wire.stop();
  });
});

/** The database as a user who may read these tables and nothing else. */
async function asReader(source: StagingDatabase, tables: readonly string[]): Promise<ResolvedConnection> {
  const reader = await source.withLeastGrants(tables);
  const { client, user } = reader.config as { client: string; user: string };
  const who = client === 'mysql' ? `'${user}'@'%'` : user;
  for (const table of tables) await source.query(`revoke insert, update, delete on ${table} from ${who}`);
  return reader;
}
