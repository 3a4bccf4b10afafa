import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse, stringify } from 'yaml';
import { loadJob } from '../../src/job/load-job.ts';
import { bindTemplate } from '../../src/warehouse/template/bind-template.ts';
import { inlineStatement } from '../../src/warehouse/template/inline-statement.ts';
import { loadTemplates } from '../../src/warehouse/template/load-templates.ts';
import type { TestProject } from './project.ts';

type Prepared = { readonly job: string; readonly days: readonly string[]; readonly sample: string };

/** The table that holds the customers of a job. */
export function preparedTable(job: string): string {
  return `prepared_${job}`;
}

/**
 * Makes a table of the sample out of what a job's query returns on these days, for engines that the query was not
 * written for. Says what its columns are in MariaDB.
 */
export async function prepareCustomers(project: TestProject, { job, days, sample }: Prepared): Promise<string> {
  const { job: of } = loadJob(project.directory, job);
  const { customers } = loadTemplates(project.directory, of, 'duckdb');
  const selects = days.map((day) => {
    const { params, identifiers } = of.source;
    const builtin = { as_of: day, run_id: 'prepared' };
    const statement = bindTemplate({ ...customers, params, identifiers, builtin, dialect: 'duckdb', label: job });
    const sql = inlineStatement(statement, 'duckdb').trimEnd().replace(/;$/, '');
    return `SELECT *, CAST('${day}' AS DATE) AS night FROM (${sql})`;
  });
  const instance = await DuckDBInstance.create(sample);
  const session = await instance.connect();
  await session.run(`CREATE TABLE ${preparedTable(job)} AS ${selects.join(' UNION ALL ')}`);
  const described = await session.runAndReadAll(`DESCRIBE ${preparedTable(job)}`);
  const columns = described.getRows().map(([name, type]) => `${String(name)} ${columnType(String(type))}`);
  session.closeSync();
  instance.closeSync();
  return columns.join(', ');
}

function columnType(type: string): string {
  return type.startsWith('VARCHAR') ? 'varchar(64)' : type === 'HUGEINT' ? 'decimal(38, 0)' : type;
}

/** Lets a job read its customers from the prepared table, and nothing else. */
export function readPrepared({ directory }: TestProject, job: string): void {
  const file = join(directory, 'jobs', `${job}.yaml`);
  const text = parse(readFileSync(file, 'utf8')) as {
    source: { params?: unknown };
    checks: { check: string }[];
    recommendations?: unknown;
  };
  delete text.source.params;
  delete text.recommendations;
  text.checks = text.checks.filter(({ check }) => check !== 'removed');
  writeFileSync(file, stringify(text));
  const folder = join(directory, 'sql', job);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  const sql = `SELECT * FROM ${preparedTable(job)} WHERE night = CAST(:as_of AS DATE)\n`;
  writeFileSync(join(folder, 'customers.sql'), sql);
}
