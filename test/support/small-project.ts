import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFile } from './night.ts';
import { makeProject, type TestProject } from './project.ts';
import type { StagingDatabase } from './staging-databases.ts';

export type Customer = readonly [id: string, recencyDays: number | string, value: number | string];

/** Sixty customers, half of them recent and half long gone. */
export const sixtyCustomers: readonly Customer[] = Array.from({ length: 60 }, (_, i) => {
  const recencyDays = i % 2 === 0 ? 10 + i : 500 + i;
  return [`C${String(i).padStart(3, '0')}`, recencyDays, 100 + ((i * 37) % 50)] as const;
});

/** The job of `test/projects/small` over a CSV file of these customers. */
export function smallProject(database: StagingDatabase, customers = sixtyCustomers): TestProject {
  const connections = {
    warehouse: { client: 'duckdb', views: { customer: 'customer.csv' } },
    crm: inFile(database.connection),
  };
  const project = makeProject('test/projects/small', { test: { as_of: '2026-06-30', connections } });
  writeCustomers(project, customers);
  return project;
}

/** Writes the customers that the next run reads. */
export function writeCustomers({ directory }: Pick<TestProject, 'directory'>, customers: readonly Customer[]): void {
  const lines = customers.map((customer) => customer.join(','));
  writeFileSync(join(directory, 'customer.csv'), `${['id,recency_days,value', ...lines].join('\n')}\n`);
}

/** Changes a file of a project by plain replacement; fails when there is nothing to replace. */
export function edit(project: Pick<TestProject, 'directory'>, file: string, from: string | RegExp, to: string): void {
  const path = join(project.directory, file);
  const text = readFileSync(path, 'utf8');
  const isThere = typeof from === 'string' ? text.includes(from) : from.test(text);
  if (!isThere) throw new Error(`${file} has no "${from}"`);
  writeFileSync(path, text.replace(from, to));
}
