import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { contentsOf, runJson } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

/** Hands a project with sixty customers to a test and clears up behind it. */
async function withProject(test: (project: TestProject, database: StagingDatabase) => Promise<void>): Promise<void> {
  const database = await sqlite.fresh();
  await test(smallProject(database), database);
  await database.drop();
}

async function runHeld(project: TestProject): Promise<RunSummary> {
  const { exitCode, stdout, stderr } = await project.segtag(['run', 'small', '--json']);
  expect({ exitCode, stderr: exitCode === 5 ? '' : stderr }).toEqual({ exitCode: 5, stderr: '' });
  expect(stderr).not.toContain('NaN');
  return JSON.parse(stdout) as RunSummary;
}

function heldBy({ guards }: RunSummary): string[] {
  return guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard);
}

const onlyRecent = sixtyCustomers.filter(([, recencyDays]) => Number(recencyDays) < 100);

describe('a published cluster that has no customers any more', () => {
  it('holds the night, and keeps its name for the customers to come', async () => {
    await withProject(async (project, database) => {
      edit(project, 'jobs/small.yaml', 'restarts: 5', 'restarts: 5, refit: never');
      await runJson(project, ['run', 'small']);
      const before = await contentsOf(database);
      writeCustomers(project, onlyRecent);
      const held = await runHeld(project);
      expect(heldBy(held)).toEqual(expect.arrayContaining(['labels', 'leavers', 'segment_vanishes']));
      expect(held.quality).toMatchObject({ start: 'assigned', silhouette: null, silhouette_sq: null });
      expect(held.segments.map(({ segment, customers }) => [segment, customers])).toEqual([
        ['recent', 30],
        ['gone', 0],
      ]);
      expect(await contentsOf(database)).toEqual(before);
      expect(await project.segtag(['approve', held.run.id, '--reason', 'they are gone'])).toMatchObject({
        exitCode: 0,
      });

      writeCustomers(project, sixtyCustomers);
      const back = await runJson(project, ['run', 'small']);
      expect(back.segments.map(({ segment, customers }) => [segment, customers])).toEqual([
        ['recent', 30],
        ['gone', 30],
      ]);
    });
  });
});

describe('a number column beside the features that is null or infinite for some customers', () => {
  it('is profiled and shared out over the others, and says how many were left out', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'value: money', 'value: number, margin: money');
      const margin = `CASE id WHEN 'C000' THEN NULL WHEN 'C002' THEN CAST('NaN' AS DOUBLE)
        WHEN 'C001' THEN CAST('Infinity' AS DOUBLE) ELSE 2.0 END AS margin`;
      edit(project, 'sql/small/customers.sql', ', value\n', `, value, ${margin}\n`);
      const { segments } = await runJson(project, ['run', 'small']);
      const two = { mean: 2, median: 2, p10: 2, p90: 2, min: null, max: null, pct: 50 };
      expect(segments.map(({ profile }) => profile.margin)).toEqual([
        { ...two, missing: 2 },
        { ...two, missing: 1 },
      ]);
      expect(segments.map(({ profile }) => profile.value!.missing)).toEqual([0, 0]);
      expect(segments.map(({ value_share: share }) => share)).toEqual([28 / 57, 29 / 57]);
    });
  });

  it('has an empty profile where nobody has a value', async () => {
    await withProject(async (project) => {
      edit(project, 'sql/small/customers.sql', ', value\n', ', value, CAST(NULL AS DOUBLE) AS margin\n');
      const { segments } = await runJson(project, ['run', 'small']);
      const none = { mean: null, median: null, p10: null, p90: null, min: null, max: null, pct: null };
      expect(segments[1]!.profile.margin).toEqual({ ...none, missing: 30 });
    });
  });
});

describe('a date column without a date', () => {
  it('only warns where the job says so', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'value: money', 'value: money, seen: date');
      const check = 'checks: [{ check: freshness, column: seen, max_age_days: 3, severity: warn }]';
      edit(project, 'jobs/small.yaml', 'features:', `${check}\nfeatures:`);
      edit(project, 'sql/small/customers.sql', ', value\n', ', value, CAST(NULL AS DATE) AS seen\n');
      const { checks } = await runJson(project, ['run', 'small']);
      expect(checks).toMatchObject([{ check: 'freshness', found: null, verdict: 'warned' }]);
    });
  });
});

describe('customers that keep their tag without being computed', () => {
  it('are still there for segment_vanishes, night after night', async () => {
    await withProject(async (project) => {
      const stays = 'publish: { leavers: keep }\nguards: { leavers: off, moved: off }';
      edit(project, 'jobs/small.yaml', 'restarts: 5 }', `restarts: 5, refit: never }\n${stays}`);
      edit(project, 'jobs/small.yaml', 'win-back, mandatory: true', 'win-back');
      await runJson(project, ['run', 'small']);
      writeCustomers(project, onlyRecent);
      const night = await runJson(project, ['run', 'small']);
      expect(night.run.status).toBe('no_change');
      expect(night.counts).toMatchObject({ kept: 30, left: 0, unchanged: 30 });
    });
  });
});

/** Features, preceded by a fence that only an extreme customer lies beyond. */
function fence(action: string): string {
  return `outliers: { columns: [value], method: iqr, factor: 3, action: ${action} }\nfeatures:`;
}

describe('extreme customers', () => {
  const extreme = sixtyCustomers.with(4, ['C004', 18, 100_000]);

  it('that are clipped are published and described with the values that they have', async () => {
    await withProject(async (project, database) => {
      edit(project, 'jobs/small.yaml', 'features:', fence('clip'));
      writeCustomers(project, extreme);
      const { segments, counts } = await runJson(project, ['run', 'small', '--show-ids']);
      expect(counts.outliers).toBe(1);
      const { tags } = await contentsOf(database);
      const tag = tags!.find(({ customer_id: id }) => id === 'C004');
      expect(JSON.parse(String(tag!.scores))).toEqual({ recency_days: 18, value: 100_000 });
      const sums = [0, 1].map((half) =>
        extreme.filter((_, i) => i % 2 === half).reduce((sum, [, , value]) => sum + Number(value), 0),
      );
      expect(segments.map(({ segment }) => segment)).toEqual(['recent', 'gone']);
      expect(segments[0]!.profile.value).toMatchObject({ max: 100_000, mean: sums[0]! / 30 });
      expect(segments[0]!.value_share).toBeCloseTo(sums[0]! / (sums[0]! + sums[1]!), 12);
      const [model] = await database.query('select model from segtag_model');
      const { clusters } = JSON.parse(String(model!.model)) as { clusters: { segment: string; center: number[] }[] };
      const recent = clusters.find((cluster) => cluster.segment === 'recent');
      expect(recent!.center[1]).toBeCloseTo(sums[0]! / 30, 9);
    });
  });

  it('that are infinite are refused, clipped or not', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'features:', fence('clip'));
      writeCustomers(project, sixtyCustomers.with(4, ['C004', 18, 'Infinity']));
      const { exitCode, stderr } = await project.segtag(['run', 'small']);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/E_FEATURE_NOT_FINITE[\s\S]*value[\s\S]*C004/);
    });
  });

  it('that are too far away to be measured are refused on a night without a refit too', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'restarts: 5', 'restarts: 5, refit: never');
      await runJson(project, ['run', 'small']);
      writeCustomers(project, sixtyCustomers.with(4, ['C004', '1e200', 100]));
      const { exitCode, stderr } = await project.segtag(['run', 'small']);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/E_DEGENERATE_FIT[\s\S]*too large to measure distances/);
    });
  });

  it('that are dropped leave with that reason', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'features:', fence('drop'));
      await runJson(project, ['run', 'small']);
      writeCustomers(project, extreme.slice(1));
      const { sample, counts } = await runJson(project, ['run', 'small', '--show-ids']);
      expect(counts).toMatchObject({ dropped: 1, left: 2 });
      expect(sample.map(({ customer_id: id, reason }) => [id, reason])).toEqual([
        ['C000', 'no longer in the source'],
        ['C004', 'dropped as an outlier'],
      ]);
    });
  });
});

describe('columns that the job names, where it has no contract in source.columns', () => {
  it('are all held against what the query returned, before anything is computed', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', '  columns: { id: text, recency_days: number, value: money }\n', '');
      edit(project, 'sql/small/customers.sql', ', value\n', ", value, 'north' AS region, DATE '2026-06-01' AS seen\n");
      const lines = [
        'checks:',
        '  - { check: not_null, columns: [value, nope] }',
        '  - { check: freshness, column: region, max_age_days: 1 }',
        '  - { check: range, columns: [region, seen], min: 0 }',
        '  - { check: unique, columns: [id, region] }',
        '  - { check: freshness, column: seen, max_age_days: 400 }',
        'outliers: { columns: [values], method: iqr, action: drop }',
        'features:',
        '  region: { scale: zscore }',
      ];
      edit(project, 'jobs/small.yaml', 'features:', lines.join('\n'));
      const { stdout, stderr } = await project.segtag(['run', 'small', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_COLUMN_CONTRACT', exit: 3 } });
      expect(stderr.match(/jobs\/small\.yaml:\d+:\d+ .*/g)).toEqual([
        'jobs/small.yaml:8:41  checks[0].columns[1]: customers.sql returns no column "nope"',
        'jobs/small.yaml:9:25  checks[1].column: "region" is text in customers.sql; date or timestamp is needed here',
        'jobs/small.yaml:10:31  checks[2].columns[0]: "region" is text in customers.sql; number is needed here',
        'jobs/small.yaml:10:39  checks[2].columns[1]: "seen" is date in customers.sql; number is needed here',
        'jobs/small.yaml:13:23  outliers.columns[0]: customers.sql returns no column "values"',
        'jobs/small.yaml:15:3  features.region: "region" is text in customers.sql; number is needed here',
      ]);
      expect(stderr).toContain('did you mean "value"?');
    });
  });
});

describe('max_invalid', () => {
  it.each([
    ['100%', 2, 0],
    ['2', 2, 0],
    ['1', 2, 3],
    ['1%', 2, 3],
  ])('of %s, with %i of 61 rows that share an id, ends with exit code %i', async (limit, _, exitCode) => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'customer_id: id', `customer_id: id\n  max_invalid: ${limit}`);
      writeCustomers(project, [...sixtyCustomers, sixtyCustomers[5]!]);
      const ended = await project.segtag(['run', 'small']);
      expect(ended.exitCode).toBe(exitCode);
      expect(ended.stderr).toContain(exitCode === 0 ? '2 rows with an invalid id' : 'E_TOO_MANY_INVALID');
    });
  });

  it('of 100% does not let a night without any valid id pass', async () => {
    await withProject(async (project) => {
      edit(project, 'jobs/small.yaml', 'customer_id: id', 'customer_id: id\n  max_invalid: 100%');
      edit(project, 'sql/small/customers.sql', 'SELECT id', 'SELECT CAST(NULL AS TEXT) AS id');
      const ended = await project.segtag(['run', 'small']);
      expect(ended.exitCode).toBe(3);
      expect(ended.stderr).toMatch(/E_TOO_MANY_INVALID[\s\S]*All 60 rows have/);
    });
  });
});
