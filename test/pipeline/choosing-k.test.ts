import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contentsOf, runJson } from '../support/night.ts';
import type { TestProject } from '../support/project.ts';
import { edit, smallProject, writeCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

/** Groups of forty customers that lie apart: two, three or four of the corners of a square. */
function corners(count: number): Customer[] {
  return Array.from({ length: 40 * count }, (_, i) => {
    const corner = i % count;
    const spread = (i * 37) % 41;
    return [
      `C${String(i).padStart(4, '0')}`,
      (corner % 2 === 0 ? 10 : 700) + spread,
      (corner < 2 ? 100 : 9000) + ((i * 53) % 29) * (corner < 2 ? 1 : 40),
    ] as const;
  });
}

function autoProject(database: StagingDatabase): TestProject {
  const project = smallProject(database, corners(3));
  edit(project, 'jobs/small.yaml', 'k: 2, seed: 1', 'k: auto, seed: 1');
  const others = `
  - { segment: dear, name: Dear, prototype: { recency_days: 30, value: 85 } }
  - { segment: dear_gone, name: Dear and gone, prototype: { recency_days: 80, value: 80 } }
labelling: { min_degree: 0 }
guards: { moved: off, segment_vanishes: off }
`;
  const last = 'prototype: { recency_days: 75 } }';
  edit(project, 'jobs/small.yaml', last, last + others);
  return project;
}

describe('tune', () => {
  it('weighs numbers of clusters, proposes one, and writes nothing', async () => {
    const database = await sqlite.fresh();
    const project = smallProject(database, corners(4));
    const before = filesOf(project);
    const { exitCode, stdout } = await project.segtag(['tune', 'small', '--k', '2..5', '--json']);
    expect(exitCode).toBe(0);
    const summary = JSON.parse(stdout) as Record<string, unknown> & { figures: { k: number }[] };
    expect(summary).toMatchObject({ schemaVersion: 1, job: 'small', customers: 160, current: 2 });
    expect(summary.figures.map(({ k }) => k)).toEqual([2, 3, 4, 5]);
    const human = await project.segtag(['tune', 'small', '--k', '2..5']);
    expect(human.stdout).toContain('Nothing was written.');
    expect(filesOf(project)).toEqual(before);
    await database.drop();
  });

  it('refuses a range that is none, and a k above the different customers', async () => {
    const database = await sqlite.fresh();
    const project = smallProject(database, [
      ['A', 1, 10],
      ['B', 1, 10],
    ]);
    expect((await project.segtag(['tune', 'small', '--k', '8..2'])).exitCode).toBe(2);
    const refused = await project.segtag(['tune', 'small']);
    expect(refused).toMatchObject({ exitCode: 3 });
    expect(refused.stderr).toContain('E_DEGENERATE_FIT');
    await database.drop();
  });
});

describe('k: auto', () => {
  it('chooses on the first night, and later only proposes', async () => {
    const database = await sqlite.fresh();
    const project = autoProject(database);
    const first = await runJson(project, ['run', 'small']);
    expect(first.run.status).toBe('published');
    expect(first.quality!.k).toBe(3);
    expect(first.notes.join()).toContain('k: auto. k = 3: best by');
    const published = await contentsOf(database);
    expect((await runJson(project, ['run', 'small'])).run.status).toBe('no_change');
    expect(await contentsOf(database)).toEqual(published);

    writeCustomers(project, corners(4));
    const later = await runJson(project, ['run', 'small', '--as-of', '2026-07-01', '--hold-ok']);
    expect(later.quality).toMatchObject({ k: 3, start: 'warm' });
    expect(later.notes.join()).toMatch(/k = 3, proposed: 4.*k stays 3; to change it, write segments\.k: 4\./);
    await database.drop();
  });
});

function filesOf({ directory }: TestProject): string[] {
  const files = existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: 'utf8' }) : [];
  return files.toSorted();
}
