import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../src/pipeline/summary.ts';
import { runJson, tagsIn } from '../../support/night.ts';
import { smallProject } from '../../support/small-project.ts';
import { stagingEngines } from '../../support/staging-databases.ts';

const [sqlite] = stagingEngines;

describe('a model that is reset', () => {
  it('leaves the tags alone, holds the next night, and is forgotten once that is approved', async () => {
    const database = await sqlite!.fresh();
    const project = smallProject(database);
    expect((await project.segtag(['model', 'reset', 'small'])).stderr).toContain('E_NOT_FOUND');
    await runJson(project, ['run', 'small']);
    const before = await tagsIn(database);
    expect((await project.segtag(['model', 'reset', 'small'])).exitCode).toBe(0);
    expect(await tagsIn(database)).toEqual(before);
    const held = await project.segtag(['run', 'small', '--json']);
    expect(held.exitCode).toBe(5);
    const { run, guards } = JSON.parse(held.stdout) as RunSummary;
    expect(guards.filter(({ verdict }) => verdict === 'held').map(({ guard }) => guard)).toEqual(['scale']);
    expect((await project.segtag(['approve', run.id, '--reason', 'a new scale'])).exitCode).toBe(0);
    expect((await runJson(project, ['run', 'small'])).run.status).toBe('no_change');
    const [id] = before.map(({ customer_id: each }) => String(each));
    const shown = await project.segtag(['customer', 'small', id!, '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      tag: { segment: before[0]!['segment'], state: 'active' },
      why: { segment: before[0]!['segment'] },
      changes: [{ kind: 'enter', toSegment: before[0]!['segment'] }],
    });
    const explained = JSON.parse((await project.segtag(['explain', 'small', '--json'])).stdout) as RunSummary;
    expect(explained.clusters.map(({ segment }) => segment).sort()).toEqual(
      [...new Set(before.map(({ segment }) => segment))].filter((segment) => segment !== 'key_account').sort(),
    );
    await database.drop();
  });
});
