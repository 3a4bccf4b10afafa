import { copyFileSync, mkdtempSync } from 'node:fs';
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
/** MariaDB and Vertica have no SQL for the shoppers. */
const everywhere = ['opportunities'];
const jobs = [...everywhere, 'shoppers'];
const jobsOfPostgres = process.env.SEGTAG_TEST_FULL ? jobs : everywhere;

type Night = { readonly summary: RunSummary; readonly tags: readonly Row[] };
type Nights = Readonly<Record<string, readonly Night[]>>;

const project = makeProject('.', {});
const inWarehouse = makeProject('.', {});
for (const job of jobs) edit(inWarehouse, `jobs/${job}.yaml`, 'segments:', 'compute: warehouse\nsegments:');

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
  const { iterations, start } = expected.quality!;
  expect(quality).toMatchObject({ iterations, start });
  for (const figure of ['inertia', 'silhouette_sq', 'silhouette', 'calinski_harabasz', 'davies_bouldin'] as const)
    expect(quality![figure]! / expected.quality![figure]!).toBeCloseTo(1, 9);
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
        expect(tags.length).toBeGreaterThan(2000);
        expect(tags).toEqual(expected.tags);
        expectTheSame(summary, expected.summary);
      }
      expect(nights[job]!.map(({ summary }) => summary.quality?.start)).toEqual(['cold', 'warm']);
    }
  }

  sqlite!.it('in DuckDB', () => expectReference(duckdb(sample), jobs));

  postgres!.it('in PostgreSQL, as a user who may only select', async () => {
    const source = await postgres!.fresh();
    await loadPostgres(source, sample);
    await expectReference(await asReader(source, ['opportunity', 'invoice_line']), jobsOfPostgres);
    await source.drop();
  });

  mysql!.it('in MariaDB, as a user who may only select', async () => {
    const source = await mysql!.fresh();
    await loadMysql(source, sample);
    await expectReference(await asReader(source, ['opportunity']), everywhere);
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
