import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect } from 'vitest';
import { connectionSchema, type ResolvedConnection } from '../../src/job/connections-schema.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { nightOf } from '../support/in-process.ts';
import { tagsIn } from '../support/night.ts';
import { makeProject } from '../support/project.ts';
import { stagingEngines, type Row } from '../support/staging-databases.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';

const [sqlite, postgres] = stagingEngines;

/** Values that no order of numbers holds, and some about the bounds of the rules; `extreme` is what outliers are found by. */
const odd = ["'NaN'", "'Infinity'", "'-Infinity'", 'NULL', '0', '4', '5', '6', '7'];
const rows = Array.from({ length: 90 }, (_, i) => {
  const double = `CAST(${odd[i % odd.length]!} AS DOUBLE PRECISION)`;
  const extreme = `CAST(${i % 7 === 0 ? "'NaN'" : i % 11 === 0 ? "'Infinity'" : String(i % 10)} AS DOUBLE PRECISION)`;
  return `('C${String(i).padStart(2, '0')}', ${double}, ${extreme}, ${i % 13}, ${1 + (i % 5)}, ${i * 3})`;
});
const table = `CREATE TABLE customer (id varchar(8), v double precision, extreme double precision, recency integer, orders integer, amount integer)`;
const insert = `INSERT INTO customer VALUES ${rows.join(', ')}`;

const common = `version: 1
job: odd
description: Values that are no numbers
source: { customer_id: id }
guards: { moved: off, leavers: off, segment_share: off }
publish: { scores: always }
outliers: { columns: [extreme], method: iqr, action: ACTION }
`;
const conditions = [
  'v is null',
  'not (v > 5) and extreme >= 0',
  'v > 6 or extreme == 3',
  'not (v in (4, 5) or v between 6 and 9)',
  'v != 4',
];
const rules = `${common}labels: [{ segment: far, name: Far, when: outlier }]
segments:
  method: rules
  rules:
${conditions.map((when, i) => `    - { segment: rule_${i + 1}, when: "${when}" }`).join('\n')}
  otherwise: rest
`;
const ofScores = 'recency: recency, frequency: orders, monetary: amount';
const jobs = {
  'rules, outliers tagged': rules.replace('ACTION', 'tag'),
  'rules, outliers dropped': rules.replace('ACTION', 'drop').replace(/labels:.*\n/, ''),
  'scores, outliers tagged': `${common.replace('ACTION', 'tag')}segments: { method: rfm, ${ofScores} }
labels: [{ segment: far, name: Far, when: outlier }]\n`,
  'scores, outliers dropped': `${common.replace('ACTION', 'drop')}segments: { method: rfm, ${ofScores} }\n`,
  'clusters, outliers dropped': `${common.replace('ACTION', 'drop')}features: { recency: {}, amount: { scale: zscore } }
segments: { method: kmeans, k: 2, restarts: 3 }
labelling: { min_degree: 0 }
labels:
  - { segment: much, name: Much, prototype: { amount: 75 } }
  - { segment: little, name: Little, prototype: { amount: 25 } }\n`,
};

async function tagsOf(text: string, compute: string, warehouse: ResolvedConnection): Promise<Row[]> {
  const database = await sqlite!.fresh();
  const project = makeProject('test/projects/small', {});
  writeFileSync(
    join(project.directory, 'jobs', 'small.yaml'),
    `${text.replace('job: odd', 'job: small')}compute: ${compute}\nreport: { keep: 0 }\n`,
  );
  const sql = 'SELECT id, v, extreme, recency, orders, amount FROM customer WHERE CAST(:as_of AS DATE) IS NOT NULL';
  writeFileSync(join(project.directory, 'sql', 'small', 'customers.sql'), sql);
  const fields = { loaded: loadJob(project.directory, 'small'), warehouse, runId: 'run' };
  await nightOf(project, database.connection, '2026-03-01', fields);
  const tags = await tagsIn(database);
  await database.drop();
  return tags;
}

async function expectTheSame(warehouse: ResolvedConnection): Promise<void> {
  for (const [name, text] of Object.entries(jobs)) {
    const memory = await tagsOf(text, 'memory', warehouse);
    expect(new Set(memory.map(({ segment }) => segment)).size, name).toBeGreaterThan(1);
    expect(await tagsOf(text, 'warehouse', warehouse), name).toEqual(memory);
  }
}

async function inDuckdb(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'segtag-odd-')), 'odd.duckdb');
  const instance = await DuckDBInstance.create(file);
  const session = await instance.connect();
  for (const sql of [table, insert]) await session.run(sql);
  session.closeSync();
  instance.closeSync();
  return file;
}

describe('a NaN is unknown to rules and beyond no fence, in the warehouse as in memory', () => {
  sqlite!.it('in DuckDB', async () => {
    const config = connectionSchema.parse({ client: 'duckdb', file: await inDuckdb() });
    await expectTheSame({ name: 'warehouse', target: 'test', config });
  });

  postgres!.it('in PostgreSQL', async () => {
    const source = await postgres!.fresh();
    for (const sql of [table, insert]) await source.query(sql);
    await expectTheSame(source.connection);
    await source.drop();
  });

  sqlite!.it("through Vertica's driver and its stand-in", async () => {
    const wire = await startVerticaWire({ data: await inDuckdb(), authentication: 'sha512' });
    const { host, port, database } = wire;
    const login = { host, port, database, user: 'segtag', password: 'segtag' };
    const config = connectionSchema.parse({ client: 'vertica', ...login });
    await expectTheSame({ name: 'warehouse', target: 'test', config });
    await wire.stop();
  });
});
