import { copyFileSync, createReadStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { beforeAll, describe, expect } from 'vitest';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';

const [sqlite, postgres] = stagingEngines;
const asOf = '2026-06-30';

/** Runs the bundled job from this warehouse and returns its tags. */
async function tagsFrom(
  warehouse: object,
  env: Record<string, string> = {},
): Promise<{ tags: Row[]; project: TestProject }> {
  const database = await sqlite!.fresh();
  const project = makeProject('.', {
    test: { as_of: asOf, connections: { warehouse, crm: inFile(database.connection) } },
  });
  await runJson(project, ['run', 'opportunities'], env);
  const tags = await tagsIn(database);
  await database.drop();
  return { tags, project };
}

describe('the same job from another engine', () => {
  const reference: { tags: Row[]; sample: string } = { tags: [], sample: '' };

  beforeAll(async () => {
    const { tags, project } = await tagsFrom({ client: 'duckdb', file: 'var/sample.duckdb', build: 'sql/sample' });
    reference.tags = tags;
    reference.sample = join(project.directory, 'var', 'sample.duckdb');
  });

  postgres!.it('gives the same tags from PostgreSQL', async () => {
    const source = await postgres!.fresh();
    await loadPostgres(source, reference.sample);
    const { tags } = await tagsFrom(inFile(source.connection));
    expect(tags.length).toBeGreaterThan(3000);
    expect(tags).toEqual(reference.tags);
    await source.drop();
  });

  sqlite!.it('gives the same tags through the Vertica driver and its stand-in', async () => {
    const copy = join(mkdtempSync(join(tmpdir(), 'segtag-vertica-')), 'sample.duckdb');
    copyFileSync(reference.sample, copy);
    const wire = await startVerticaWire({ data: copy, authentication: 'sha512' });
    const { host, port, database } = wire;
    const { tags } = await tagsFrom(
      { client: 'vertica', host, port, database, user: 'segtag', password: '${env:SEGTAG_TEST_PASSWORD}' },
      { SEGTAG_TEST_PASSWORD: 'segtag' },
    );
    expect(tags).toEqual(reference.tags);
    await wire.stop();
  });

  sqlite!.it('gives the same tags in another process, a second time', async () => {
    const { tags } = await tagsFrom({ client: 'duckdb', file: reference.sample });
    expect(tags).toEqual(reference.tags);
  });
});

/** Copies the sample's opportunities into PostgreSQL, as a CSV of DuckDB. */
async function loadPostgres(source: StagingDatabase, sample: string): Promise<void> {
  const csv = join(mkdtempSync(join(tmpdir(), 'segtag-copy-')), 'opportunity.csv');
  const instance = await DuckDBInstance.create(sample, { access_mode: 'READ_ONLY' });
  const duckdb = await instance.connect();
  await duckdb.run(`COPY opportunity TO '${csv}' (HEADER false)`);
  duckdb.closeSync();
  instance.closeSync();
  await source.query(
    `create table opportunity (opportunity_id text, account_id text, product text, stage text,
       amount numeric(18, 2), created_date date, close_date date)`,
  );
  const { host, port, user, database } = source.connection.config as {
    host: string;
    port: number;
    user: string;
    database: string;
  };
  const client = new pg.Client({ host, port, user, database });
  await client.connect();
  await pipeline(createReadStream(csv), client.query(copyFrom('COPY opportunity FROM STDIN (FORMAT csv)')));
  await client.end();
}
