import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runJson, tagsIn } from '../support/night.ts';
import { smallProject, type Customer } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;

/** Three chunks of a fit, so that two threads have work; without gaps, so that rounding would move somebody. */
const manyCustomers: readonly Customer[] = Array.from({ length: 40_000 }, (_, i) => {
  const scattered = (i * 7919) % 40_009;
  return [`C${String(i).padStart(5, '0')}`, scattered / 100, 100 + ((scattered * 31) % 977)] as const;
});

/** Loaded by every thread of a process: notes those that are not its main one. */
const noteThreads = `const { isMainThread, threadId } = require('node:worker_threads');
if (!isMainThread) require('node:fs').appendFileSync(process.env.SEGTAG_TEST_THREADS, threadId + ' ');
`;

type Night = { readonly started: number; readonly tags: string; readonly centroids: unknown };

async function night(threads: number): Promise<Night> {
  const database = await sqlite.fresh();
  const project = smallProject(database, manyCustomers);
  const [preload, notes] = [join(project.directory, 'note-threads.cjs'), join(project.directory, 'threads.txt')];
  writeFileSync(preload, noteThreads);
  writeFileSync(notes, '');
  const env = { NODE_OPTIONS: `--require ${preload}`, SEGTAG_TEST_THREADS: notes };
  await runJson(project, ['run', 'small', '--threads', String(threads)], env);
  const tags = JSON.stringify(await tagsIn(database));
  const [row] = await database.query('select model from segtag_model');
  const { clusters } = JSON.parse(String(row!.model)) as { clusters: { centroid: number[]; center: number[] }[] };
  await database.drop();
  const started = readFileSync(notes, 'utf8').trim().split(' ').filter(Boolean).length;
  return { started, tags, centroids: clusters.map(({ centroid, center }) => ({ centroid, center })) };
}

describe('a night on two threads', () => {
  it('gives the same tags and centroids, to the byte, as on one', async () => {
    const [one, two] = [await night(1), await night(2)];
    expect([one.started, two.started]).toEqual([0, 1]);
    expect(two.centroids).toEqual(one.centroids);
    expect(two.tags.length).toBeGreaterThan(40_000 * 50);
    expect(two.tags === one.tags).toBe(true);
  });
});
