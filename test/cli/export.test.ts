import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nightOf } from '../support/in-process.ts';
import { inFile, tagsIn } from '../support/night.ts';
import { writeConnections, type TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

async function readBack(source: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create();
  const duckdb = await instance.connect();
  const rows = (await duckdb.runAndReadAll(`SELECT * FROM ${source} ORDER BY customer_id`)).getRowObjectsJson();
  duckdb.closeSync();
  instance.closeSync();
  return rows as Row[];
}

describe('segtag export', () => {
  let database: StagingDatabase;
  let project: TestProject;
  let published: Row[];
  const asPublished = ({ customer_id, segment, segment_name, campaign, segment_since, scores }: Row): Row => ({
    customer_id,
    segment,
    segment_name,
    campaign,
    segment_since,
    scores,
  });

  beforeAll(async () => {
    database = await stagingEngines[0]!.fresh();
    project = smallProject(database, [['a,"b"\nc', 12, 130], ...sixtyCustomers]);
    edit(project, 'customer.csv', 'a,"b"\nc', '"a,""b""\nc"');
    edit(project, 'jobs/small.yaml', 'campaign: cross-sell', 'campaign: \'cross-sell, "now"\'');
    await nightOf(project, database.connection, '2026-06-30');
    const [gone] = sixtyCustomers;
    writeCustomers(project, [...sixtyCustomers.filter((each) => each !== gone), ['"a,""b""\nc"', 12, 130]]);
    await nightOf(project, database.connection, '2026-07-01');
    published = (await tagsIn(database)).filter(({ state }) => state === 'active');
    expect(published).toHaveLength(60);
  });
  afterAll(() => database.drop());

  it.each(['csv', 'parquet'])('writes the active tags as %s, whatever characters they hold', async (format) => {
    const out = join(project.directory, `out/of/${format}/tags.${format}`);
    const { exitCode, stdout } = await project.segtag(['export', 'small', '--format', format, '--out', out, '--json']);
    expect({ exitCode, told: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      told: { schemaVersion: 1, job: 'small', format, file: out, rows: 60 },
    });
    const source = format === 'csv' ? `read_csv('${out}', all_varchar = true, quote = '"', escape = '"')` : `'${out}'`;
    const rows = await readBack(source);
    expect(rows.map(asPublished)).toEqual(published.map(asPublished));
    expect(rows.every(({ control, previous_segment: before }) => control === null && before === null)).toBe(true);
    expect(readdirSync(join(out, '..'))).toEqual([`tags.${format}`]);
  });

  it('prints CSV where no file is named, and asks for one for the rest', async () => {
    const { exitCode, stdout } = await project.segtag(['export', 'small']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[0]).toBe(
      'customer_id,segment,segment_name,campaign,previous_segment,segment_since,control,scores',
    );
    expect(stdout).toContain('"a,""b""\nc",recent,');
    const parquet = await project.segtag(['export', 'small', '--format', 'parquet']);
    expect([parquet.exitCode, parquet.stderr]).toEqual([2, expect.stringContaining('--out small.parquet')]);
  });

  it('leaves the file that was there as it was where it cannot write', async () => {
    const out = join(project.directory, 'kept.csv');
    mkdirSync(out);
    writeFileSync(join(out, 'inside'), 'x');
    const { exitCode, stderr } = await project.segtag(['export', 'small', '--out', out]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('E_USAGE')]);
    expect(readFileSync(join(out, 'inside'), 'utf8')).toBe('x');
    expect(readdirSync(project.directory).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says so where nothing is published yet', async () => {
    const empty = await stagingEngines[0]!.fresh();
    const connections = {
      warehouse: { client: 'duckdb', views: { customer: 'customer.csv' } },
      crm: inFile(empty.connection),
    };
    writeConnections(project.directory, { empty: { connections } });
    const { exitCode, stderr } = await project.segtag([
      'export',
      'small',
      '--out',
      join(project.directory, 'none.csv'),
    ]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Nothing is published yet')]);
    expect(existsSync(join(project.directory, 'none.csv'))).toBe(false);
    await empty.drop();
  });
});
