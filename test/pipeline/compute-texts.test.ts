import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/analysis/random.ts';
import { loadJob } from '../../src/job/load-job.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { nightOf } from '../support/in-process.ts';
import { inFile, tagsIn } from '../support/night.ts';
import { makeProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type Row } from '../support/staging-databases.ts';

const [sqlite] = stagingEngines;
const nights = ['2026-03-01', '2026-03-20'];

/** Incomes, ranks and families that have to do with one another, in an order that is not that of the ids. */
function people(night: string, also: readonly string[] = []): string {
  const random = seededRandom(3);
  const families = ['couple', 'single', 'Single', "o'widowed", 'who?'];
  const lines = Array.from({ length: 500 }, (_, i) => {
    const isLater = night !== nights[0] && i % 20 === 0;
    const rank = random.integer(4);
    const income = 20_000 + 15_000 * rank + random.integer(30_000) * (i % 61 === 0 ? 20 : 1);
    const family = isLater ? 'commune' : families[Math.min(random.integer(5), random.integer(6))]!;
    return `P${(i * 7919) % 10_007},${income},${['basic', 'graduate', 'master', 'doctor'][rank]!},${family}`;
  });
  return ['id,income,education,family', ...lines, ...also, ''].join('\n');
}

const fence = (action: string): string => `outliers: { columns: [income], method: iqr, action: ${action} }\n`;
const [order, categories] = ['education: { order: [basic, graduate, master, doctor]', 'family: { categories'];
/** What each variant says in place of the outliers and features of the job. */
const variants: Readonly<Record<string, string>> = {
  'an order and all texts there are, outliers tagged': `${fence('tag')}features: { income: {}, ${order}, scale: zscore }, ${categories}: auto } }`,
  'listed categories, outliers clipped': `${fence('clip')}features: { ${categories}: [couple, single, "o'widowed"], weight: 2 }, income: {} }`,
  'texts alone, outliers dropped': `${fence('drop')}features: { ${categories}: auto }, ${order}, scale: robust, weight: 0.3 } }`,
};

type Nights = { readonly summaries: RunSummary[]; readonly tags: Row[] };

async function nightsOf(variant: string, compute: string, rows = people): Promise<Nights> {
  const database = await sqlite!.fresh();
  const connections = {
    warehouse: { client: 'duckdb', views: { person: 'person.csv' } },
    crm: inFile(database.connection),
  };
  const project = makeProject('test/projects/people', { test: { as_of: '2026-06-30', connections } });
  edit(project, 'jobs/people.yaml', /features:[^]*?\n(?=\w)/, `compute: ${compute}\n${variant}\n`);
  const odd = variant.includes('tag }') ? '  - { segment: odd, name: Odd, when: outlier }\n' : '';
  edit(
    project,
    'jobs/people.yaml',
    'labelling: { min_degree: 0.1 }',
    `${odd}labelling: { min_degree: 0 }\nguards: { moved: off, segment_share: off }`,
  );
  for (const prototype of ['income: 75, education: 75', 'income: 25, education: 25'])
    if (!variant.includes('order'))
      edit(project, 'jobs/people.yaml', prototype, prototype.replace(/, education.*/, ''));
    else if (!variant.includes('income: {}'))
      edit(project, 'jobs/people.yaml', prototype, prototype.replace(/income: \d+, /, ''));
  const views = { person: join(project.directory, 'person.csv') };
  const warehouse = {
    name: 'warehouse',
    target: 'test',
    config: { client: 'duckdb', file: ':memory:', views },
  } as const;
  const summaries: RunSummary[] = [];
  for (const asOf of nights) {
    writeFileSync(views.person, rows(asOf));
    const fields = { loaded: loadJob(project.directory, 'people'), warehouse, runId: `run-${asOf}` };
    summaries.push(await nightOf(project, database.connection, asOf, fields));
  }
  const tags = await tagsIn(database);
  await database.drop();
  return { summaries, tags };
}

describe('compute: warehouse of features over texts in DuckDB', () => {
  it.each(Object.keys(variants))('does what memory does: %s', async (name) => {
    const [memory, warehouse] = [
      await nightsOf(variants[name]!, 'memory'),
      await nightsOf(variants[name]!, 'warehouse'),
    ];
    expect(warehouse.tags).toEqual(memory.tags);
    expect(memory.summaries[1]!.notes.join()).toMatch(/customers have another family/);
    for (const [i, { quality, counts, clusters, segments, notes }] of warehouse.summaries.entries()) {
      const expected = memory.summaries[i]!;
      expect({ counts, segments, notes }).toEqual({
        counts: expected.counts,
        segments: expected.segments,
        notes: expected.notes,
      });
      expect(clusters.map(({ uid, customers }) => [uid, customers])).toEqual(
        expected.clusters.map(({ uid, customers }) => [uid, customers]),
      );
      for (const figure of ['inertia', 'silhouette_sq', 'calinski_harabasz', 'davies_bouldin'] as const)
        expect(quality![figure]! / expected.quality![figure]!).toBeCloseTo(1, 9);
      expect(quality).toMatchObject({ iterations: expected.quality!.iterations, start: expected.quality!.start });
    }
  });

  it.each([
    ['a text that the order does not list', 'E_FEATURE_NOT_FINITE', ['X1,5,autodidact,couple', 'X2,5,,couple']],
    ['a category that is missing', 'E_FEATURE_NOT_FINITE', ['X1,5,basic,', 'X2,5,basic,']],
    [
      'more categories than tell anybody apart',
      'E_DEGENERATE_FIT',
      Array.from({ length: 21 }, (_, i) => `X${i},5,basic,f${i}`),
    ],
  ])('refuses as memory does: %s', async (_, code, also) => {
    const failures: unknown[] = [];
    for (const compute of ['memory', 'warehouse'])
      failures.push(
        await nightsOf(Object.values(variants)[0]!, compute, (night) => people(night, also)).catch(
          (error: unknown) => error,
        ),
      );
    expect(failures[0]).toMatchObject({ code });
    expect((failures[1] as Error).message).toBe((failures[0] as Error).message);
  });
});
