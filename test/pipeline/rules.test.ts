import { describe, expect, it } from 'vitest';
import { contentsOf, runJson, tagsIn } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

const segments = `segments:
  method: rules
  rules:
    - { segment: abm, when: value >= 140 }
    - { segment: cross_sell, when: recency_days < 365 }
    - { segment: win_back, when: recency_days >= 540 and not value < 110 }
  otherwise: renewal
labels:
  - { segment: abm, name: Account-based, campaign: account-based marketing }
`;

/** The job of `test/projects/small`, by rules instead of clusters. */
function rulesProject(database: StagingDatabase, also = ''): TestProject {
  const project = smallProject(database);
  edit(project, 'jobs/small.yaml', /features:[^]*$/, `${also}${segments}`);
  return project;
}

describe('a job with method: rules', () => {
  it('gives each customer the segment of the first rule that holds, and changes nothing the second night', async () => {
    const database = await sqlite.fresh();
    const project = rulesProject(database);
    const first = await runJson(project, ['run', 'small']);
    expect(first).toMatchObject({ run: { status: 'published' }, quality: null, scoring: null });
    const expected = sixtyCustomers.map(([id, recencyDays, value]) => {
      const [recency, spent] = [Number(recencyDays), Number(value)];
      if (spent >= 140) return [id, 'abm'];
      if (recency < 365) return [id, 'cross_sell'];
      return [id, recency >= 540 && spent >= 110 ? 'win_back' : 'renewal'];
    });
    const tags = await tagsIn(database);
    expect(tags.map(({ customer_id: id, segment }) => [id, segment])).toEqual(expected);
    expect(new Set(tags.map(({ segment }) => segment)).size).toBe(4);
    expect(first.segments.map(({ name, campaign }) => [name, campaign])).toEqual([
      ['Account-based', 'account-based marketing'],
      ['Cross sell', null],
      ['Win back', null],
      ['Renewal', null],
    ]);
    const before = await contentsOf(database);
    expect((await runJson(project, ['run', 'small'])).run.status).toBe('no_change');
    expect(await contentsOf(database)).toEqual(before);
    await database.drop();
  });

  it('tags outliers apart, and says which rule moved a customer', async () => {
    const database = await sqlite.fresh();
    const project = rulesProject(database, 'outliers: { columns: [value], method: iqr, factor: 3 }\n');
    edit(project, 'jobs/small.yaml', 'labels:', 'labels:\n  - { segment: key_account, name: Key, when: outlier }');
    writeCustomers(project, sixtyCustomers.with(4, ['C004', 18, 100_000]));
    await runJson(project, ['run', 'small']);
    expect((await tagsIn(database))[4]).toMatchObject({ segment: 'key_account' });
    writeCustomers(project, sixtyCustomers.with(4, ['C004', 18, 100_000]).with(0, ['C000', 900, 130]));
    const { moves, sample } = await runJson(project, ['run', 'small']);
    expect(moves).toMatchObject([{ from: 'cross_sell', to: 'win_back', customers: 1 }]);
    expect(sample[0]!.reason).toBe('another rule is now the first that holds');
    await database.drop();
  });
});

describe('segtag validate on rules', () => {
  it('warns, with file and line, of thresholds that the data window leaves no room and of rules in each other’s way', async () => {
    const database = await sqlite.fresh();
    const project = rulesProject(database);
    edit(project, 'jobs/small.yaml', '  columns:', '  params: { window_days: 800 }\n  columns:');
    edit(project, 'sql/small/customers.sql', 'IS NOT NULL', 'IS NOT NULL AND recency_days <= :window_days');
    edit(project, 'jobs/small.yaml', 'recency_days >= 540 and not value < 110', 'recency_days > 730');
    edit(project, 'jobs/small.yaml', '  otherwise:', '    - { segment: rich, when: value > 200 }\n  otherwise:');
    const { exitCode, stdout } = await project.segtag(['validate', 'small', '--json']);
    const { warnings } = JSON.parse(stdout) as { warnings: { file: string; line: number; message: string }[] };
    expect(exitCode).toBe(0);
    const told = warnings.map(({ file, line, message }) => `${file}:${line} ${message}`);
    expect(told).toContainEqual(
      expect.stringMatching(/^jobs\/small.yaml:14 only 70 of the 800 that recency_days spans/),
    );
    expect(told).toContain('jobs/small.yaml:15 rich: all whom this takes go to abm above it');
    expect(told).toContainEqual(expect.stringMatching(/small.yaml:11 3 of 4 segments can be reached/));
    await database.drop();
  });
});
