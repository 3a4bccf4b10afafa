import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Libsql from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/analysis/random.ts';
import type { SqlDialect } from '../../src/analysis/sql/dialect.ts';
import { exportSqlCommand } from '../../src/cli/export-sql.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const [sqlite, postgres, mariadb] = stagingEngines;
const customerCount = 1500;
const columns = 'id, recency_days, orders, amount, country, joined';
const types =
  'id varchar(20), recency_days integer, orders integer, amount numeric(12, 2), country varchar(10), joined date';

/** Long-tailed amounts, many equal orders, a few without any, and countries that only bytes tell apart. */
function customers(): string[][] {
  const random = seededRandom(7);
  const countries = ['PT', 'pt', 'PT ', "O'Neil", 'Çç', 'ES'];
  return Array.from({ length: customerCount }, (_, i) => {
    const hasBought = i % 40 !== 0;
    const amount = Math.exp(3 + 4 * random.float() * random.float()) * (i % 97 === 0 ? 50 : 1);
    return [
      `C${String((i * 7919) % 100_000).padStart(5, '0')}`,
      String(random.integer(800)),
      hasBought ? String(1 + random.integer(6)) : '0',
      amount.toFixed(2),
      countries[random.integer(countries.length)]!,
      `20${10 + random.integer(16)}-0${1 + random.integer(9)}-1${random.integer(10)}`,
    ];
  });
}

const prototypes = `labels:
  - { segment: rich, name: Rich, prototype: { amount: 90 }, guard: "orders >= 2 and country != 'pt'", guard_else: far }
  - { segment: near, name: Near, prototype: { recency_days: 20, amount: 40 } }
  - { segment: far, name: Far, prototype: { recency_days: 80, amount: 40 } }
  - { segment: middle, name: Middle, prototype: { recency_days: 50, amount: 60 } }
  - { segment: poor, name: Poor, prototype: { recency_days: 50, amount: 10 } }
`;
const kmeans = `features:
  recency_days: { scale: winsor_zscore, weight: 2 }
  amount: { transform: log1p, scale: winsor_zscore }
segments: { method: kmeans, k: 3, seed: 3, restarts: 3 }
labelling: { min_degree: 0.01, min_margin: 0 }
guards: { segment_share: off }
${prototypes}`;
/** Divided by a column that the parents are not clustered by. */
const children = (parent: string): string => `children:
      { k: 2, features: { orders: { scale: zscore }, amount: { transform: log1p } }, labels: [
        { segment: ${parent}_often, name: Often, prototype: { orders: 80 }, guard: country != 'ES', guard_else: ${parent}_seldom },
        { segment: ${parent}_seldom, name: Seldom, prototype: { orders: 20 } } ] }`;
const key = '  - { segment: key_account, name: Key, when: outlier }\n';
const fences = (action: string): string =>
  `outliers: { columns: [amount, recency_days], method: iqr, action: ${action} }\n`;

/** What each job says beside its source. */
const jobs: Readonly<Record<string, string>> = {
  kmeans_tag: `${fences('tag')}${kmeans}${key}`,
  kmeans_clip: `${fences('clip')}${kmeans}`,
  kmeans_children: `${fences('tag')}${kmeans}${key}`
    .replace('prototype: { amount: 90 }', `prototype: { amount: 90 }, ${children('rich')}`)
    .replace(
      'prototype: { recency_days: 80, amount: 40 }',
      `prototype: { recency_days: 80, amount: 40 }, ${children('far')}`,
    ),
  kmeans_texts: `${kmeans.replace(
    'features:',
    `features:
  orders: { scale: zscore }
  band: { order: [small, "it's large", SMALL], scale: zscore, weight: 0.5 }
  country: { categories: [PT, pt, 'PT ', "O'Neil", Çç] }`,
  )}`,
  kmeans_drop: `${fences('drop')}${kmeans}`,
  rfm_segtag: `${fences('tag')}segments: { method: rfm, recency: recency_days, frequency: orders, monetary: amount }\n`,
  rfm_nested: `${fences('clip')}segments:
  method: rfm
  recency: { column: recency_days, bins: 4, by: rank }
  frequency: { column: orders, bins: 3, by: ntile }
  monetary: { column: amount, percentiles: [50, 90] }
  binning: nested
  value_axis: mean
  table:
    - { segment: best, cells: ['43[2-3]', '4[2-3]3'] }
    - { segment: good, recency: 3-4, value: 2-3 }
    - { segment: fading, recency: 1-2, frequency: 2-3 }
  otherwise: rest
`,
  rfm_r: 'segments: { method: rfm, preset: r-rfm, recency: recency_days, frequency: orders, monetary: amount }\n',
  rules: `${fences('tag')}segments:
  method: rules
  rules:
    - { segment: big, when: "amount >= 100.1 and not orders in (1, 2)" }
    - { segment: portugal, when: country = 'PT' }
    - { segment: others, when: "country in ('Çç', 'O''Neil') or country = 'PT '" }
    - { segment: old, when: joined < '2015-05-05' and recency_days between 100 and 700 }
    - { segment: low, when: "country < 'F'" }
  otherwise: rest
labels:
${key}`,
};

function writeJobs({ directory }: TestProject): void {
  for (const [job, says] of Object.entries(jobs)) {
    const source = `  customer_id: id
  columns: { id: text, recency_days: number, orders: number, amount: number, country: text, joined: date, band: text }
  params: { least: 0, name: "O'Neil \\\\" }`;
    const text = `version: 1\njob: ${job}\ndescription: A job to be written down as SQL\nsource:\n${source}\n${says}`;
    writeFileSync(join(directory, 'jobs', `${job}.yaml`), text);
    mkdirSync(join(directory, 'sql', job), { recursive: true });
    const band = "CASE WHEN amount < 50 THEN 'small' WHEN amount < 500 THEN 'it''s large' ELSE 'SMALL' END";
    const where = 'WHERE CAST(:as_of AS DATE) IS NOT NULL AND recency_days >= :least AND country <> :name';
    writeFileSync(
      join(directory, 'sql', job, 'customers.sql'),
      `SELECT ${columns}, ${band} AS band FROM customer ${where};\n`,
    );
  }
}

type Execute = (sql: string) => Promise<Record<string, unknown>[]>;

describe('export-sql', () => {
  const rows = customers();
  let project: TestProject;
  let staging: StagingDatabase;
  const published: Record<string, Record<string, unknown>> = {};

  beforeAll(async () => {
    staging = await sqlite!.fresh();
    const warehouse = { client: 'duckdb', views: { customer: 'customer.csv' } };
    project = makeProject('test/projects/scores', {
      test: { as_of: '2026-06-30', connections: { warehouse, crm: inFile(staging.connection) } },
    });
    writeFileSync(
      join(project.directory, 'customer.csv'),
      [columns.replaceAll(' ', ''), ...rows.map(csvLine), ''].join('\n'),
    );
    writeJobs(project);
    for (const job of Object.keys(jobs)) await runJson(project, ['run', job]);
    for (const { job, customer_id: id, segment } of await tagsIn(staging)) {
      (published[String(job)] ??= {})[String(id)] = segment;
    }
  });
  afterAll(() => staging.drop());

  async function expectPublished(dialect: SqlDialect, execute: Execute): Promise<void> {
    for (const job of Object.keys(jobs)) {
      const found = await execute(await exported(project, job, dialect));
      const segments = Object.fromEntries(found.map((row) => [String(row['customer_id']), row['segment']]));
      expect(Object.keys(segments).length).toBeGreaterThan(customerCount * 0.8);
      expect(new Set(Object.values(segments)).size).toBeGreaterThan(2);
      expect({ job, segments }).toEqual({ job, segments: published[job] });
    }
  }

  it('gives on DuckDB each customer the published segment', async () => {
    const instance = await DuckDBInstance.create();
    const duckdb = await instance.connect();
    await duckdb.run(`create table customer (${types})`);
    for (const insert of inserts(rows)) await duckdb.run(insert);
    await expectPublished('duckdb', async (sql) => (await duckdb.runAndReadAll(sql)).getRowObjectsJS());
    duckdb.closeSync();
    instance.closeSync();
  });

  it('gives on SQLite each customer the published segment', async () => {
    const database = new Libsql(':memory:');
    database.exec(`create table customer (${types})`);
    for (const insert of inserts(rows)) database.exec(insert);
    await expectPublished('sqlite', async (sql) => database.prepare(sql).all() as Record<string, unknown>[]);
    database.close();
  });

  for (const [dialect, engine] of [
    ['postgres', postgres!],
    ['mysql', mariadb!],
  ] as const) {
    engine.it(`gives on ${engine.name} each customer the published segment`, async () => {
      const database = await engine.fresh();
      const session = await database.session();
      await session.query(`create table customer (${types})`);
      for (const insert of inserts(rows)) await session.query(insert);
      await expectPublished(dialect, (sql) => session.query(sql));
      await session.close();
      await database.drop();
    });
  }

  it('is a command of its own, which says what to do where nothing is published', async () => {
    const { exitCode, stdout } = await project.segtag(['export-sql', 'rules', '--dialect', 'vertica', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, job: 'rules', dialect: 'vertica' });
    const missing = await project.segtag(['export-sql', 'scores']);
    expect(missing).toMatchObject({ exitCode: 2 });
    expect(missing.stderr).toContain('segtag run scores');
  });
});

async function exported({ directory }: TestProject, job: string, dialect: SqlDialect): Promise<string> {
  let sql = '';
  const terminal = { print: (text: string) => (sql += text) } as unknown as Terminal;
  await exportSqlCommand(terminal, job, { directory, logFormat: 'human', set: [], dialect });
  return sql;
}

function csvLine(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(',');
}

function inserts(rows: readonly (readonly string[])[]): string[] {
  const tuples = rows.map(([id, recency, orders, amount, country, joined]) => {
    const text = (value = ''): string => `'${value.replaceAll("'", "''")}'`;
    return `(${text(id)}, ${recency}, ${orders}, ${amount}, ${text(country)}, ${text(joined)})`;
  });
  const chunks = Array.from({ length: Math.ceil(tuples.length / 500) }, (_, i) => tuples.slice(500 * i, 500 * (i + 1)));
  return chunks.map((chunk) => `insert into customer values ${chunk.join(', ')}`);
}
