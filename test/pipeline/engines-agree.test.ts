import { copyFileSync, createReadStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { beforeAll, describe, expect } from 'vitest';
import { inFile, runJson, tagsIn, withPassword } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';

const [sqlite, postgres, mysql] = stagingEngines;
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

  mysql!.it('gives the same tags from MariaDB', async () => {
    const source = await mysql!.fresh();
    await loadMysql(source, reference.sample);
    const { tags } = await tagsFrom(inFile(source.connection), withPassword(source.connection));
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

const columns = `opportunity_id varchar(64), account_id varchar(64), product varchar(64), stage varchar(64),
  amount numeric(18, 2), created_date date, close_date date`;

/** Copies the sample's opportunities into PostgreSQL, as a CSV of DuckDB. */
async function loadPostgres(source: StagingDatabase, sample: string): Promise<void> {
  const csv = await opportunitiesAsCsv(sample);
  await source.query(`create table opportunity (${columns})`);
  const { host, port, user, database } = serverOf(source);
  const client = new pg.Client({ host, port, user, database });
  await client.connect();
  await pipeline(createReadStream(csv), client.query(copyFrom('COPY opportunity FROM STDIN (FORMAT csv)')));
  await client.end();
}

/** Copies the sample's opportunities into MariaDB, as a CSV of DuckDB. */
async function loadMysql(source: StagingDatabase, sample: string): Promise<void> {
  const csv = await opportunitiesAsCsv(sample);
  await source.query(`create table opportunity (${columns})`);
  const client = await createConnection(serverOf(source));
  const sql = `LOAD DATA LOCAL INFILE 'csv' INTO TABLE opportunity FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"'`;
  await client.query({ sql, infileStreamFactory: () => createReadStream(csv) });
  await client.end();
}

async function opportunitiesAsCsv(sample: string): Promise<string> {
  const csv = join(mkdtempSync(join(tmpdir(), 'segtag-copy-')), 'opportunity.csv');
  const instance = await DuckDBInstance.create(sample, { access_mode: 'READ_ONLY' });
  const duckdb = await instance.connect();
  await duckdb.run(`COPY opportunity TO '${csv}' (HEADER false)`);
  duckdb.closeSync();
  instance.closeSync();
  return csv;
}

type Server = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
};

function serverOf(source: StagingDatabase): Server {
  const { host, port, user, password, database } = source.connection.config as Server;
  return { host, port, user, database, ...(password === undefined ? {} : { password }) };
}
