import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { loadMysql, loadPostgres } from '../support/copy-tables.ts';
import { inFile, runJson, tagsIn, withPassword } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { stagingEngines, type Row } from '../support/staging-databases.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';

const [sqlite, postgres, mysql] = stagingEngines;
const asOf = '2026-06-30';
const everywhere = ['opportunities', 'rfm'];
/** These have SQL for DuckDB and PostgreSQL only. */
const jobs = [...everywhere, 'shoppers', 'households', 'members'];

type Night = { readonly tags: readonly Row[]; readonly found: Pick<RunSummary, 'removed' | 'trends'> };
type Nights = ReadonlyMap<string, Night>;

/** Runs the bundled jobs from this warehouse: their tags, and what was counted beside them. */
async function nightsFrom(
  warehouse: object,
  env: Record<string, string> = {},
  some = everywhere,
): Promise<{ nights: Nights; project: TestProject }> {
  const database = await sqlite!.fresh();
  const project = makeProject('.', {
    test: { as_of: asOf, connections: { warehouse, crm: inFile(database.connection) } },
  });
  const found: Partial<Record<string, Night['found']>> = {};
  for (const job of some) {
    const { removed, trends } = await runJson(project, ['run', job], env);
    found[job] = { removed, trends };
  }
  const tags = await tagsIn(database);
  const nights = new Map(jobs.map((job) => [job, { tags: tags.filter((tag) => tag.job === job), found: found[job]! }]));
  await database.drop();
  return { nights, project };
}

describe('the same jobs from another engine', () => {
  const reference: { nights?: Nights; sample: string } = { sample: '' };

  beforeAll(async () => {
    const { nights, project } = await nightsFrom(
      { client: 'duckdb', file: 'var/sample.duckdb', build: 'sql/sample' },
      {},
      jobs,
    );
    reference.nights = nights;
    reference.sample = join(project.directory, 'var', 'sample.duckdb');
  });

  function expectTheSame(nights: Nights, some = everywhere): void {
    for (const job of some) {
      expect(nights.get(job)?.tags.length).toBeGreaterThan(job === 'members' ? 700 : 2000);
      expect(nights.get(job)).toEqual(reference.nights?.get(job));
    }
  }

  postgres!.it('gives the same tags from PostgreSQL', async () => {
    const source = await postgres!.fresh();
    await loadPostgres(source, reference.sample);
    expectTheSame((await nightsFrom(inFile(source.connection), {}, jobs)).nights, jobs);
    await source.drop();
  });

  mysql!.it('gives the same tags from MariaDB', async () => {
    const source = await mysql!.fresh();
    await loadMysql(source, reference.sample);
    expectTheSame((await nightsFrom(inFile(source.connection), withPassword(source.connection))).nights);
    await source.drop();
  });

  sqlite!.it('gives the same tags through the Vertica driver and its stand-in', async () => {
    const copy = join(mkdtempSync(join(tmpdir(), 'segtag-vertica-')), 'sample.duckdb');
    copyFileSync(reference.sample, copy);
    const wire = await startVerticaWire({ data: copy, authentication: 'sha512' });
    const { host, port, database } = wire;
    const { nights } = await nightsFrom(
      { client: 'vertica', host, port, database, user: 'segtag', password: '${env:SEGTAG_TEST_PASSWORD}' },
      { SEGTAG_TEST_PASSWORD: 'segtag' },
    );
    expectTheSame(nights);
    await wire.stop();
  });

  sqlite!.it('gives the same tags in another process, a second time', async () => {
    expectTheSame((await nightsFrom({ client: 'duckdb', file: reference.sample }, {}, jobs)).nights, jobs);
  });
});
