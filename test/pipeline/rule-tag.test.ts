import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { nightOf } from '../support/in-process.ts';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

const ruleTag = `rule_tag:
  rules: [{ segment: gone, when: recency_days >= 530 }]
  otherwise: recent
labels:`;

function projectWith(database: StagingDatabase): TestProject {
  const project = smallProject(database);
  edit(project, 'jobs/small.yaml', 'labels:', ruleTag);
  return project;
}

describe('a plain rule beside the clusters', () => {
  it('is published with the scores, and compared with the segments in the run and what is kept of it', async () => {
    const database = await sqlite.fresh();
    const project = projectWith(database);
    const { run, rule_tag: agreement } = await runJson(project, ['run', 'small']);
    const byRule = new Map(sixtyCustomers.map(([id, days]) => [id, Number(days) >= 530 ? 'gone' : 'recent']));
    const tags = await tagsIn(database);
    expect(tags.map(({ customer_id: id }) => id)).toEqual([...byRule.keys()]);
    for (const { customer_id: id, scores } of tags)
      expect(JSON.parse(String(scores))).toMatchObject({ rule_tag: byRule.get(String(id)) });
    const count = (rule: string, segment: string): number =>
      tags.filter(({ customer_id: id, segment: own }) => byRule.get(String(id)) === rule && own === segment).length;
    const [both, recent, lateOnly] = [count('gone', 'gone'), count('recent', 'recent'), count('recent', 'gone')];
    expect(both + recent + lateOnly).toBe(60);
    expect(lateOnly).toBe(15);
    expect(agreement).toEqual({
      customers: 60,
      agreed: both + recent,
      share: (both + recent) / 60,
      cells: [
        { rule: 'gone', segment: 'gone', customers: both, share: 1 },
        { rule: 'recent', segment: 'recent', customers: recent, share: recent / 45 },
        { rule: 'recent', segment: 'gone', customers: lateOnly, share: lateOnly / 45 },
      ],
    });
    const kept = await project.segtag(['show', run.id, '--json']);
    expect(JSON.parse(kept.stdout)).toMatchObject({ summary: { rule_tag: agreement } });
    const { stdout } = await project.segtag(['show', run.id]);
    expect(stdout).toMatch(/Plain rule +Recent +Gone\n/);
    expect(stdout).toContain('The plain rule agrees with the segment of 75.0% of 60 customers');
    await database.drop();
  });

  it('moves nobody by itself: a night on which only the rule says otherwise changes nothing', async () => {
    const database = await sqlite.fresh();
    const project = projectWith(database);
    const night = (): Promise<RunSummary> => nightOf(project, database.connection, '2026-06-30');
    await night();
    const [id, days, value] = sixtyCustomers[29]!;
    expect(days).toBe(529);
    writeCustomers(project, sixtyCustomers.with(29, [id, 530, value]));
    const later = await night();
    expect(later.run.status).toBe('no_change');
    expect(later.rule_tag).toMatchObject({ agreed: 46 });
    edit(project, 'jobs/small.yaml', 'segments:', 'publish: { scores: always }\nsegments:');
    expect((await night()).counts).toMatchObject({ updated: 1, moved: 0 });
    await database.drop();
  });
});

describe('segtag validate on the rule of the bundled job', () => {
  it('warns that two years leave little of a window of 800 days', async () => {
    const database = await sqlite.fresh();
    const project = makeProject('.', {
      test: { connections: { warehouse: { client: 'duckdb' }, crm: inFile(database.connection) } },
    });
    const { exitCode, stdout } = await project.segtag(['validate', 'opportunities']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('only 70 of the 800 that recency_days spans (the range check) lie above 730');
    await database.drop();
  });
});
