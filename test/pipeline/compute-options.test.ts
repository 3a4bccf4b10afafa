import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../src/analysis/model.ts';
import { seededRandom } from '../../src/analysis/random.ts';
import { SegtagError } from '../../src/errors.ts';
import { parseDay } from '../../src/frame/day.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { explainCompute, type ComputeAdvice } from '../../src/pipeline/inquiries/explain-compute.ts';
import type { ReadContext } from '../../src/pipeline/context.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { tuneJob, type TuneSummary } from '../../src/pipeline/inquiries/tune.ts';
import { nightOf, staged } from '../support/in-process.ts';
import { tagsIn } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, smallProject, writeCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

const [sqlite] = stagingEngines;

/** Long tails and many equal values, in an order that is not that of the ids. */
function customers(night: number): Customer[] {
  const random = seededRandom(11);
  return Array.from({ length: 900 }, (_, i) => {
    const recency = random.integer(700) + (i % 3 === 0 ? night : 0);
    const value = Math.exp(3 + 4 * random.float() * random.float()) * (i % 97 === 0 ? 40 : 1);
    return [`C${String((i * 7919) % 10_007)}`, recency, value.toFixed(2)] as const;
  });
}

const fence = (of: string): string => `outliers: { columns: [value, recency_days], ${of} }\n`;
/** What each variant says in place of the outliers, features and segments of the job. */
const variants: Readonly<Record<string, readonly [outliers: string, features: string, segments?: string]>> = {
  'iqr, tagged': [fence('method: iqr'), 'recency_days: { weight: 2 }, value: { transform: log1p }'],
  'zscore, clipped': [
    fence('method: zscore, action: clip'),
    'recency_days: { scale: zscore }, value: { scale: robust }',
  ],
  'robust z, dropped': [
    fence('method: robust_z, action: drop'),
    'recency_days: { scale: robust }, value: { transform: log1p, scale: minmax }',
  ],
  'percentile, one side': [
    fence('method: percentile, side: high, action: drop'),
    'value: { scale: zscore, weight: 3 }, recency_days: { scale: minmax, weight: 9 }',
  ],
  'no outliers, not fitted again': [
    '',
    'recency_days: { transform: log1p, scale: none }, value: { transform: log1p, scale: robust }',
    'k: 3, refit: monthly',
  ],
  'k chosen on the first night, proposed on later ones': [
    fence('method: iqr, action: clip'),
    'recency_days: {}, value: { transform: log1p }',
    'k: auto',
  ],
};

function projectOf(crm: StagingDatabase, name: string, compute: string): TestProject {
  const [outliers, features, segments] = variants[name]!;
  const project = smallProject(crm);
  const file = 'jobs/small.yaml';
  const isTagged = outliers !== '' && !outliers.includes('action');
  edit(project, file, 'customer_id: id', 'customer_id: id\n  max_invalid: 5');
  edit(project, file, /features:[^]*?\n(?=\w)/, `compute: ${compute}\n${outliers}features: { ${features} }\n`);
  edit(project, file, /segments: .*\n/, `segments: { method: kmeans, restarts: 4, ${segments ?? 'k: 3'} }\n`);
  edit(
    project,
    file,
    /labels:[^]*$/,
    `labelling: { unmatched: keep }
guards: { moved: off, leavers: off, segment_share: off }
labels:
  - { segment: near, name: Near, prototype: { recency_days: 20 } }
  - { segment: far, name: Far, prototype: { recency_days: 80 } }
  - { segment: rich, name: Rich, prototype: { value: 85 } }
${isTagged ? '  - { segment: odd, name: Odd, when: outlier }\n' : ''}`,
  );
  return project;
}

describe('compute: warehouse in DuckDB', () => {
  let crm: StagingDatabase;
  beforeAll(async () => {
    crm = await sqlite!.fresh();
  });
  afterAll(() => crm.drop());

  async function nightsOf(
    name: string,
    compute: string,
    rows: (night: number) => readonly Customer[] = customers,
  ): Promise<{ summaries: RunSummary[]; tags: Row[] }> {
    const database = await sqlite!.fresh();
    const project = projectOf(database, name, compute);
    const summaries: RunSummary[] = [];
    for (const night of [1, 20]) {
      writeCustomers(project, rows(night));
      const asOf = `2026-03-${String(night).padStart(2, '0')}`;
      summaries.push(await nightOf(project, database.connection, asOf, { runId: `run-${night}` }));
    }
    const tags = await tagsIn(database);
    await database.drop();
    return { summaries, tags };
  }

  it.each(Object.keys(variants))('does what memory does: %s', async (name) => {
    // Weighing every number of clusters takes a while.
    const rows = (night: number): Customer[] => customers(night).slice(0, name.startsWith('k chosen') ? 300 : 900);
    const [memory, warehouse] = [await nightsOf(name, 'memory', rows), await nightsOf(name, 'warehouse', rows)];
    expect(warehouse.tags).toEqual(memory.tags);
    for (const [i, { quality, counts, clusters, notes }] of warehouse.summaries.entries()) {
      const expected = memory.summaries[i]!;
      expect(notes).toEqual(expected.notes);
      expect(counts).toEqual(expected.counts);
      expect(clusters.map(({ uid, customers: of }) => [uid, of])).toEqual(
        expected.clusters.map(({ uid, customers: of }) => [uid, of]),
      );
      for (const [figure, value] of Object.entries(expected.quality!)) {
        const found = quality![figure as keyof typeof quality];
        if (typeof value === 'number') expect(Number(found) / value || 0).toBeCloseTo(value === 0 ? 0 : 1, 9);
        else expect(found).toBe(value);
      }
    }
  });

  it('leaves the same rows out: without an id, and with an id that others have', async () => {
    const rows = (night: number): Customer[] => [...customers(night), ['', 3, 7], ['C7919', 5, 1e6], ['C0', 700, 4]];
    const memory = await nightsOf('iqr, tagged', 'memory', rows);
    const warehouse = await nightsOf('iqr, tagged', 'warehouse', rows);
    expect(memory.summaries[0]!.counts.invalid).toBe(5);
    expect(warehouse.tags).toEqual(memory.tags);
    expect(warehouse.summaries[1]!.counts).toEqual(memory.summaries[1]!.counts);
  });

  it.each([
    [
      'a value that is missing',
      'E_FEATURE_NOT_FINITE',
      (): Customer[] => [...customers(1), ['X1', '', 5], ['X2', '', 6]],
    ],
    ['no customer with an id', 'E_TOO_MANY_INVALID', (): Customer[] => customers(1).map(([, days]) => ['', days, 5])],
    ['customers who are all alike', 'E_DEGENERATE_FIT', (): Customer[] => customers(1).map(([id]) => [id, 5, 5])],
  ])('refuses as memory does: %s', async (_, code, rows) => {
    const failures: unknown[] = [];
    for (const compute of ['memory', 'warehouse'])
      failures.push(await nightsOf('iqr, tagged', compute, rows).catch((error: unknown) => error));
    expect(failures[0]).toMatchObject({ code });
    expect((failures[1] as SegtagError).message).toBe((failures[0] as SegtagError).message);
  });

  it('asks what --explain-compute said it would ask', async () => {
    const database = await sqlite!.fresh();
    const project = projectOf(database, 'iqr, tagged', 'warehouse');
    let published: Model | undefined;
    const memory: number[] = [];
    for (const night of [1, 20]) {
      writeCustomers(project, customers(night));
      const listed = await explain(project, night, published);
      expect(listed).toMatchObject({ customers: 900, columns: 3, obstacle: null, advised: 'memory' });
      const notes: string[] = [];
      const progress = {
        started: noop,
        advanced: noop,
        waiting: noop,
        finished: (_: string, note: string) => void notes.push(note),
      };
      const asOf = `2026-03-${String(night).padStart(2, '0')}`;
      const { quality } = await nightOf(project, database.connection, asOf, { progress });
      const asked = Number(/(\d+) queries in the warehouse/.exec(notes[0]!)?.[1]);
      const once = listed.queries.reduce((sum, { times }) => sum + (times === 'step' ? quality!.iterations : times), 0);
      expect(asked).toBe(once - 1);
      memory.push(listed.warehouse!.memory_bytes);
      published = (await staged(database.connection, (staging) => staging.publishedBase('small')))!.model as Model;
    }
    // The diff keeps what changes: on a first night everybody.
    expect(memory[0]!).toBeGreaterThan(memory[1]!);
    await database.drop();
  });

  it('weighs numbers of clusters by the figures of memory, on a sample where customers are many', async () => {
    const database = await sqlite!.fresh();
    const tuned = (compute: string, rows: readonly Customer[]): Promise<TuneSummary> => {
      const project = projectOf(database, 'zscore, clipped', compute);
      writeCustomers(project, rows);
      return tuneJob(contextOf(project, 1), { first: 2, last: 3 });
    };
    const some = customers(1).slice(0, 300);
    const [memory, warehouse] = [await tuned('memory', some), await tuned('warehouse', some)];
    for (const [i, figures] of warehouse.figures.entries())
      for (const [name, figure] of Object.entries(figures))
        expect(figure).toBeCloseTo(memory.figures[i]![name as 'inertia']!, 9);
    expect(warehouse).toMatchObject({ customers: 300, weighed: 300, verdict: memory.verdict, votes: memory.votes });
    const many = Array.from({ length: 10_050 }, (_, i) => [`M${i}`, i % 700, 1 + ((i * 7919) % 997)] as const);
    expect(await tuned('warehouse', many)).toMatchObject({ customers: 10_050, weighed: 10_000 });
    await database.drop();
  });

  it('says of a job for which there is no way in the warehouse why', async () => {
    const database = await sqlite!.fresh();
    const project = projectOf(database, 'iqr, tagged', 'memory');
    edit(project, 'jobs/small.yaml', 'method: kmeans, restarts: 4, k: 3', 'method: hierarchical, k: 3');
    writeCustomers(project, customers(1));
    const listed = await explain(project, 1, undefined, 1e6);
    expect(listed).toMatchObject({
      warehouse: null,
      obstacle: 'a tree of clusters is built in memory',
      advised: 'memory',
      queries: [],
    });
    await database.drop();
  });
});

const noop = (): void => {};

function explain(
  project: TestProject,
  night: number,
  published: Model | undefined,
  availableBytes = 16e9,
): Promise<ComputeAdvice> {
  return explainCompute(contextOf(project, night), { published, availableBytes });
}

function contextOf({ directory }: TestProject, night: number): ReadContext {
  const views = { customer: join(directory, 'customer.csv') };
  const config = { client: 'duckdb', file: ':memory:', views } as const;
  return {
    projectDir: directory,
    loaded: loadJob(directory, 'small'),
    warehouse: { name: 'warehouse', target: 'test', config },
    runId: 'explain',
    asOf: parseDay(`2026-03-${String(night).padStart(2, '0')}`),
    signal: new AbortController().signal,
    progress: { started: noop, advanced: noop, waiting: noop, finished: noop },
  };
}
