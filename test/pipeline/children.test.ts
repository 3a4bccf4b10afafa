import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CentroidModel } from '../../src/analysis/model.ts';
import { seededRandom } from '../../src/analysis/random.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { nightOf, staged } from '../support/in-process.ts';
import { tagsIn } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, smallProject, writeCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const job = 'jobs/small.yaml';

/** Half of them recent, with the highest values of all; a quarter gone with a small value, a quarter with a fair one. */
function customersOf(seed: number): Customer[] {
  const random = seededRandom(seed);
  return Array.from({ length: 240 }, (_, i) => {
    const segment = segmentDrawn(i);
    const [recency, value] = { recent: [5, 5000], gone_small: [500, 40], gone_fair: [500, 400] }[segment];
    return [`C${String(i).padStart(3, '0')}`, recency! + random.integer(60), Math.round(value! * (1 + random.float()))];
  });
}

function segmentDrawn(i: number): 'recent' | 'gone_small' | 'gone_fair' {
  return i % 2 === 0 ? 'recent' : i % 4 === 1 ? 'gone_small' : 'gone_fair';
}

const children = `prototype: { recency_days: 75 }
    children:
      k: 2
      features: { value: { transform: log1p, scale: zscore } }
      labels:
        - { segment: gone_small, name: Gone with little, campaign: mail, mandatory: true, prototype: { value: 25 } }
        - { segment: gone_fair, name: Gone with more, mandatory: true, prototype: { value: 75 }, when: value.median >= 300 }
`;

describe('labels with children', () => {
  const customers = customersOf(11);
  let database: StagingDatabase;
  let project: TestProject;

  beforeEach(async () => {
    database = await sqlite.fresh();
    project = smallProject(database, customers);
    edit(project, job, /- \{ segment: gone(.*), prototype.*\n/, `- segment: gone\n    name: Gone\n    ${children}`);
  });
  afterEach(() => database.drop());

  const night = (day: string): Promise<RunSummary> => nightOf(project, database.connection, day);
  const modelOf = (): Promise<CentroidModel> =>
    staged(database.connection, async (staging) => (await staging.publishedBase('small'))!.model as CentroidModel);
  const segments = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries((await tagsIn(database)).map(({ customer_id: id, segment }) => [String(id), segment]));
  const drawn = (): Record<string, unknown> =>
    Object.fromEntries(customers.map(([id], i) => [id, segmentDrawn(i)] as const));
  const labelProblems = (summary: RunSummary): string =>
    summary.guards.find(({ guard, verdict }) => guard === 'labels' && verdict === 'held')?.message ?? '';

  it('publish the children in place of their parent, by percentiles of its customers', async () => {
    const summary = await night('2026-06-30');
    expect(summary.run.status).toBe('published');
    expect(summary.segments.map(({ segment, customers: count }) => [segment, count])).toEqual([
      ['recent', 120],
      ['gone_small', 60],
      ['gone_fair', 60],
    ]);
    expect(await segments()).toEqual(drawn());
    const tag = (await tagsIn(database)).find(({ customer_id: id }) => id === 'C001');
    expect(tag).toMatchObject({ segment_name: 'Gone with little', campaign: 'mail' });
  });

  it('write nothing on an unchanged night, and keep names, scale and identity when customers move', async () => {
    await night('2026-06-30');
    const before = await modelOf();
    expect((await night('2026-06-30')).run.status).toBe('no_change');
    const moved = customers.map(([id, recency, value], i): Customer => {
      if ([1, 5, 9, 13].includes(i)) return [id, recency, 450];
      return [0, 2, 4].includes(i) ? [id, 520, 45] : [id, recency, value];
    });
    writeCustomers(project, moved);
    const summary = await night('2026-07-01');
    expect({ status: summary.run.status, moved: summary.counts.moved }).toEqual({ status: 'published', moved: 7 });
    const changed = { C001: 'gone_fair', C005: 'gone_fair', C009: 'gone_fair', C013: 'gone_fair' };
    const left = { C000: 'gone_small', C002: 'gone_small', C004: 'gone_small' };
    expect(await segments()).toEqual({ ...drawn(), ...changed, ...left });
    const [was, is] = [before.children![0]!, (await modelOf()).children![0]!];
    expect(is.scales).toEqual(was.scales);
    expect(is.clusters.map(({ uid }) => uid)).toEqual(was.clusters.map(({ uid }) => uid));
    expect(is.clusters).not.toEqual(was.clusters);
  });

  it('go by the published centroids on nights without a fit', async () => {
    edit(project, job, 'restarts: 5', 'restarts: 5, refit: never');
    await night('2026-06-30');
    const [before] = (await modelOf()).children!;
    writeCustomers(project, [...customers, ['NEW', 540, 700]]);
    expect((await night('2026-07-01')).run.status).toBe('published');
    const [after] = (await modelOf()).children!;
    expect((await segments())['NEW']).toBe('gone_fair');
    expect(after).toMatchObject({ fittedOn: '2026-06-30' });
    expect(after!.clusters.map(({ centroid }) => centroid)).toEqual(before!.clusters.map(({ centroid }) => centroid));
  });

  it('hold a night that misses a child, or whose customers cannot be divided', async () => {
    await night('2026-06-30');
    const cheaper = customers.map(([id, recency, value], i): Customer => {
      return [id, recency, segmentDrawn(i) === 'gone_fair' ? Number(value) / 3 : value];
    });
    writeCustomers(project, cheaper);
    const missing = await night('2026-07-01');
    expect(missing.run.status).toBe('held');
    expect(labelProblems(missing)).toContain('Within gone: No cluster fits the mandatory label gone_fair.');
    const alike = customers.map(([id, recency, value], i): Customer => {
      return [id, recency, segmentDrawn(i) === 'recent' ? value : 100];
    });
    writeCustomers(project, alike);
    const undivided = await night('2026-07-02');
    expect(undivided.run.status).toBe('held');
    expect(labelProblems(undivided)).toContain('gone cannot be divided into 2');
    expect(await segments()).toEqual(drawn());
  });

  it('are a part of the shape: other children hold a night until it is approved', async () => {
    await night('2026-06-30');
    edit(
      project,
      job,
      'value: { transform: log1p, scale: zscore } }\n      labels',
      'value: { scale: zscore } }\n      labels',
    );
    const summary = await night('2026-07-01');
    expect(summary.run.status).toBe('held');
    expect(summary.guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard)).toEqual(['scale']);
  });
});
