import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/analysis/model.ts';
import { seededRandom } from '../../src/analysis/random.ts';
import { parseDay } from '../../src/frame/day.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { explainCompute, type ComputeAdvice } from '../../src/pipeline/inquiries/explain-compute.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { nightOf, staged } from '../support/in-process.ts';
import { inFile, tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

const [sqlite] = stagingEngines;

/** Many equal values, some customers without an order, in an order that is not that of the ids. */
function customers(night: number, also: readonly string[] = []): string {
  const random = seededRandom(5);
  const lines = Array.from({ length: 400 }, (_, i) => {
    const hasBought = i % 23 !== 0;
    const recency = hasBought ? String(random.integer(300) + (i % 4 === 0 ? night : 0)) : '';
    const amount = Math.exp(2 + 5 * random.float() * random.float()) * (i % 79 === 0 ? 60 : 1);
    const country = ['PT', 'who?', 'ES'][random.integer(3)]!;
    return `C${(i * 7919) % 10_007},${recency},${hasBought ? 1 + random.integer(5) : 0},${amount.toFixed(2)},${country}`;
  });
  return ['customer_id,recency_days,transaction_count,amount,country', ...lines, ...also, ''].join('\n');
}

const axes = 'recency: recency_days, frequency: orders, monetary: amount';
const fence = (action: string): string => `outliers: { columns: [amount], method: iqr, action: ${action} }`;
const key = 'labels: [{ segment: odd, name: Odd, when: outlier }]';
const rfm = (of: string): string => `segments: { method: rfm, no_purchase: nobody, ${of} }`;
const cuts = 'recency: { column: recency_days, cuts: [30, 90.5] }, frequency: { column: orders, bins: 2, weight: 3 }';
const table = 'table: [{ segment: top, recency: 2-3, value: 2 }, { segment: low, frequency: 1 }], otherwise: other';

/** What each variant says in place of the segments of the job. */
const variants: Readonly<Record<string, readonly string[]>> = {
  'the eleven segments, outliers tagged': [fence('tag'), rfm(`preset: segtag, ${axes}`), key],
  'as R has them, edges above, outliers clipped': [fence('clip'), rfm(`preset: r-rfm, ${axes}`)],
  'nested, with tiers, not fitted again, outliers dropped': [
    fence('drop'),
    rfm(`${axes}, binning: nested, tiers: [low, middle, high], refit: monthly`),
  ],
  'ranks and NTILE, equal values by id': [
    rfm(
      'recency: { column: recency_days, by: rank }, frequency: { column: orders, by: ntile, bins: 3 }, score: digits',
    ),
  ],
  'nested ranks, two axes': [
    rfm('recency: { column: recency_days, bins: 3 }, frequency: { column: orders, by: rank }, binning: nested'),
  ],
  'cuts and a table of its own': [rfm(`${cuts}, ${table}, score: sum, tiers: [a, b]`)],
  'rules on numbers and texts, outliers tagged': [
    fence('tag'),
    'segments:',
    '  method: rules',
    '  rules:',
    '    - { segment: far, when: "recency_days is null or not (recency_days < 150 or orders >= 4)" }',
    `    - { segment: asked, when: "country == 'who?' and amount between 10 and 100" }`,
    '  otherwise: rest',
    key,
  ],
};

function projectOf(crm: StagingDatabase, lines: readonly string[], compute: string): TestProject {
  const connections = {
    warehouse: { client: 'duckdb', views: { customer: 'customer.csv' } },
    crm: inFile(crm.connection),
  };
  const project = makeProject('test/projects/scores', { test: { as_of: '2026-06-30', connections } });
  const file = 'jobs/scores.yaml';
  edit(project, file, 'amount: money', 'amount: money, country: text');
  edit(project, 'sql/scores/customers.sql', ', amount', ', amount, country');
  const guards = 'guards: { moved: off, leavers: off, segment_share: off }';
  edit(project, file, /segments: .*\n/, `compute: ${compute}\n${lines.join('\n')}\n${guards}\n`);
  return project;
}

type Nights = { readonly summaries: RunSummary[]; readonly tags: Row[] };

async function nightsOf(name: string, compute: string, rows: (night: number) => string = customers): Promise<Nights> {
  const database = await sqlite!.fresh();
  const project = projectOf(database, variants[name]!, compute);
  const summaries: RunSummary[] = [];
  for (const night of [1, 20]) {
    writeFileSync(join(project.directory, 'customer.csv'), rows(night));
    const asOf = `2026-03-${String(night).padStart(2, '0')}`;
    const loaded = loadJob(project.directory, 'scores');
    summaries.push(await nightOf(project, database.connection, asOf, { loaded, runId: `run-${night}` }));
  }
  const tags = await tagsIn(database);
  await database.drop();
  return { summaries, tags };
}

describe('compute: warehouse of scores and rules in DuckDB', () => {
  it.each(Object.keys(variants))('does what memory does: %s', async (name) => {
    const [memory, warehouse] = [await nightsOf(name, 'memory'), await nightsOf(name, 'warehouse')];
    expect(new Set(memory.tags.map(({ segment }) => segment)).size).toBeGreaterThan(2);
    expect(warehouse.tags).toEqual(memory.tags);
    for (const [i, { scoring, counts, segments, notes }] of warehouse.summaries.entries()) {
      const expected = memory.summaries[i]!;
      expect({ scoring, counts, notes }).toEqual({
        scoring: expected.scoring,
        counts: expected.counts,
        notes: expected.notes,
      });
      expect(segments).toEqual(expected.segments);
    }
  });

  it('refuses as memory does a value that is missing', async () => {
    const rows = (night: number): string => customers(night, ['X1,5,2,,PT', 'X2,7,2,,PT']);
    const failures: unknown[] = [];
    for (const compute of ['memory', 'warehouse'])
      failures.push(
        await nightsOf('the eleven segments, outliers tagged', compute, rows).catch((error: unknown) => error),
      );
    expect(failures[0]).toMatchObject({ code: 'E_FEATURE_NOT_FINITE' });
    expect((failures[1] as Error).message).toBe((failures[0] as Error).message);
  });

  it.each(Object.keys(variants))('asks what --explain-compute said it would ask: %s', async (name) => {
    const database = await sqlite!.fresh();
    const project = projectOf(database, variants[name]!, 'warehouse');
    let published: Model | undefined;
    for (const night of [1, 20]) {
      writeFileSync(join(project.directory, 'customer.csv'), customers(night));
      const asOf = `2026-03-${String(night).padStart(2, '0')}`;
      const { queries, obstacle } = await explain(project, asOf, published);
      expect(obstacle).toBeNull();
      const notes: string[] = [];
      const finished = (_: string, note: string): void => void notes.push(note);
      const progress = { started: noop, advanced: noop, waiting: noop, finished };
      await nightOf(project, database.connection, asOf, { loaded: loadJob(project.directory, 'scores'), progress });
      const asked = Number(/(\d+) queries in the warehouse/.exec(notes[0]!)?.[1]);
      expect(asked).toBe(queries.reduce((sum, { times }) => sum + Number(times), 0) - 1);
      published = (await staged(database.connection, (staging) => staging.publishedBase('scores')))!.model as Model;
    }
    await database.drop();
  });
});

const noop = (): void => {};

function explain({ directory }: TestProject, asOf: string, published: Model | undefined): Promise<ComputeAdvice> {
  const views = { customer: join(directory, 'customer.csv') };
  const config = { client: 'duckdb', file: ':memory:', views } as const;
  const context = {
    projectDir: directory,
    loaded: loadJob(directory, 'scores'),
    warehouse: { name: 'warehouse', target: 'test', config },
    runId: 'explain',
    asOf: parseDay(asOf),
    signal: new AbortController().signal,
    progress: { started: noop, advanced: noop, waiting: noop, finished: noop },
  };
  return explainCompute(context, { published, availableBytes: 16e9 });
}
