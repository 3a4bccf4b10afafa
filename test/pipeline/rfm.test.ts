import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contentsOf, inFile, runJson, tagsIn } from '../support/night.ts';
import { itWithData, makeProject, sharedData, type TestProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const header = 'customer_id,recency_days,transaction_count,amount';

/** The job of `test/projects/scores` over a CSV file. */
function scoresProject(database: StagingDatabase, csv: string): TestProject {
  const connections = {
    warehouse: { client: 'duckdb', views: { customer: 'customer.csv' } },
    crm: inFile(database.connection),
  };
  const project = makeProject('test/projects/scores', { test: { as_of: '2026-06-30', connections } });
  writeFileSync(join(project.directory, 'customer.csv'), csv);
  return project;
}

/** A hundred customers; number i is i days away, has bought i times and spent i, in tens. */
function hundred(from = 1): string {
  const lines = Array.from(
    { length: 100 },
    (_, i) => `C${String(i).padStart(3, '0')},${i + from},${1 + i},${10 * i + 10}`,
  );
  return [header, ...lines, ''].join('\n');
}

const segtag = (project: TestProject, also = ''): void =>
  edit(project, 'jobs/scores.yaml', 'preset: r-rfm,', `preset: segtag, ${also}`);

describe('a job with method: rfm', () => {
  itWithData('rfm-r/expected')('publishes R’s segment of each customer, and nothing the second night', async () => {
    const database = await sqlite.fresh();
    const csv = gunzipSync(readFileSync(join(sharedData, 'rfm-r/expected/orders_scores.csv.gz'))).toString();
    const project = scoresProject(database, csv);
    const first = await runJson(project, ['run', 'scores']);
    expect(first.run.status).toBe('published');
    const expected = new Map(
      csv
        .trim()
        .split('\n')
        .map((line) => [line.split(',')[0], line.split(',').slice(4)] as const),
    );
    const tags = await tagsIn(database);
    expect(tags).toHaveLength(995);
    for (const { customer_id: id, segment_name: name, scores } of tags) {
      const [r, f, m, score, segment] = expected.get(String(id)) ?? [];
      expect(name).toBe(segment);
      expect(JSON.parse(String(scores))).toMatchObject({
        r: Number(r),
        f: Number(f),
        m: Number(m),
        score: Number(score),
      });
    }
    const before = await contentsOf(database);
    const second = await runJson(project, ['run', 'scores']);
    expect(second).toMatchObject({ run: { status: 'no_change' }, counts: { moved: 0, updated: 0, unchanged: 995 } });
    expect(await contentsOf(database)).toEqual(before);
    expect(second.notes).toEqual(expect.arrayContaining([expect.stringContaining('58 of 125 cells')]));
    await database.drop();
  });

  it('shows where scores were cut, who has which, and which segments are empty', async () => {
    const database = await sqlite.fresh();
    const project = scoresProject(database, hundred());
    segtag(project);
    const { scoring, segments, run } = await runJson(project, ['run', 'scores']);
    const twenty = [20, 20, 20, 20, 20];
    expect(
      scoring!.axes.map(({ axis, edges, customers, collapsed }) => [axis, edges.map(Math.round), customers, collapsed]),
    ).toEqual([
      ['recency', [21, 41, 60, 80], twenty, []],
      ['frequency', [21, 41, 60, 80], twenty, []],
      ['monetary', [208, 406, 604, 802], twenty, []],
    ]);
    const sizes = Object.fromEntries(segments.map(({ segment, customers }) => [segment, customers]));
    expect(sizes).toMatchObject({
      new: 20,
      potential_loyalist: 20,
      need_attention: 20,
      at_risk: 20,
      cant_lose_them: 20,
    });
    expect(scoring!.empty).toContain('champions');
    const shown = await project.segtag(['show', run.id]);
    expect(shown.stdout).toContain('fewer is better');
    expect(shown.stdout).toMatch(/Nobody is in champions/);
    await database.drop();
  });

  it('tags those who never bought and those beyond the fences, and scores neither', async () => {
    const database = await sqlite.fresh();
    const project = scoresProject(database, `${hundred()}N001,,0,0\nX001,5,3,1000000\n`);
    segtag(project);
    edit(
      project,
      'jobs/scores.yaml',
      'segments:',
      'outliers: { columns: [amount], method: iqr, side: high }\nsegments:',
    );
    const { segments, scoring } = await runJson(project, ['run', 'scores']);
    expect(segments.filter(({ segment }) => ['no_purchase', 'outlier_high'].includes(segment))).toMatchObject([
      { customers: 1, name: 'No purchase' },
      { customers: 1, name: 'Exceptional value' },
    ]);
    expect(scoring!.axes[0]!.customers).toEqual([20, 20, 20, 20, 20]);
    const tags = await tagsIn(database);
    expect(JSON.parse(String(tags.find(({ customer_id: id }) => id === 'N001')!.scores))).not.toHaveProperty('r');
    await database.drop();
  });

  it('keeps the published edges until a refit is due', async () => {
    const database = await sqlite.fresh();
    const project = scoresProject(database, hundred());
    segtag(project, 'refit: never,');
    edit(project, 'jobs/scores.yaml', 'segments:', 'guards: { moved: off, segment_vanishes: off }\nsegments:');
    const first = await runJson(project, ['run', 'scores']);
    writeFileSync(join(project.directory, 'customer.csv'), hundred(21));
    const later = await runJson(project, ['run', 'scores']);
    const edges = ({ scoring }: typeof first): unknown => scoring!.axes.map((axis) => axis.edges);
    expect(edges(later)).toEqual(edges(first));
    // Everyone is 20 days, one score, further away, which changes the segment of three in five.
    expect(later.counts.moved).toBe(60);
    expect(later.sample[0]!.reason).toBe('recency score 5 → 4');
    await database.drop();
  });

  it('refuses a value that is missing, and names who has none', async () => {
    const database = await sqlite.fresh();
    const project = scoresProject(database, `${hundred()}N001,5,3,\n`);
    segtag(project);
    const { exitCode, stderr } = await project.segtag(['run', 'scores']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('jobs/scores.yaml:7:');
    expect(stderr).toContain('amount is missing, NaN, infinite or out of range for 1 customer, such as N001.');
    await database.drop();
  });
});
