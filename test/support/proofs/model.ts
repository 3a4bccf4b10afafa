import { expect } from 'vitest';
import { formatDay, parseDay } from '../../../src/frame/day.ts';
import type { Nights } from '../nights.ts';
import type { StagingDatabase } from '../staging-databases.ts';
import { activeIn, sorted, type Source } from './customers.ts';
import { expectInvariants } from './invariants.ts';

/** What should be. Nothing here is read from the code under test. */
export type Model = {
  source: Source;
  /** Who is active in which segment after the newest published run. */
  tags: Source;
  /** What each run that published left behind, oldest first. */
  readonly published: { readonly runId: string; readonly tags: Source }[];
  /** The run that waits for a decision, and what it would publish. */
  held: { readonly runId: string; readonly tags: Source; readonly name: string } | undefined;
  /** Rows that somebody has edited and nobody repaired, as `job id`. */
  edited: Set<string>;
  /** The name of a segment in the job file, and in the tags where that is known. */
  name: string;
  publishedName: string | undefined;
  /** The published run is a rollback: a night that does again what it undid is held. */
  rolledBack: boolean;
  day: number;
};

/** What is: a staging database, and a project whose nights run against it. */
export type Real = { readonly database: StagingDatabase; readonly nights: Nights; readonly tally: Map<string, number> };

export type Outcome = 'published' | 'no_change' | 'held';

const firstDay = parseDay('2026-01-01');

/** The date of the model's night. */
export function asOfOf({ day }: Model): string {
  return formatDay((firstDay + day) as typeof firstDay);
}

/** How a night over this source may end: the diff of two maps, held beyond a tenth of the customers and ten of them. */
export function outcomesOf(model: Model): readonly Outcome[] {
  const { source, tags, edited, name, publishedName, rolledBack } = model;
  if (edited.size > 0) return ['held'];
  const left = [...tags.keys()].filter((id) => !source.has(id)).length;
  const moved = [...tags].filter(([id, segment]) => source.has(id) && source.get(id) !== segment).length;
  const entered = [...source.keys()].filter((id) => !tags.has(id)).length;
  const many = (count: number, of: number): boolean => count >= 10 && count / of > 0.1;
  if (many(moved, tags.size - left) || many(left, tags.size)) return ['held'];
  const redone: readonly Outcome[] = rolledBack ? ['held'] : [];
  if (moved + left + entered > 0) return ['published', ...redone];
  if (publishedName === undefined) return ['published', 'no_change'];
  return [publishedName === name ? 'no_change' : 'published'];
}

/** The model after a night that ended so. */
export function afterNight(model: Model, runId: string, outcome: Outcome): void {
  model.held = undefined;
  if (outcome === 'held') model.held = { runId, tags: model.source, name: model.name };
  if (outcome === 'published') afterPublish(model, runId, { tags: model.source, name: model.name });
}

/** The model after a run has published these tags. */
export function afterPublish(
  model: Model,
  runId: string,
  { tags, name }: { readonly tags: Source; readonly name: string | undefined },
): void {
  model.tags = tags;
  model.publishedName = name;
  model.rolledBack = false;
  model.held = undefined;
  model.published.push({ runId, tags });
}

/** All that must hold after each step. */
export async function expectAgreement(model: Model, { database }: Real): Promise<void> {
  expect(await activeIn(database)).toEqual(sorted(model.tags));
  await expectInvariants(database, model.edited);
  const foreign = await database.query("select customer_id, segment, state from segment_tag where job = 'foreign'");
  expect(foreign).toEqual([{ customer_id: 'C000', segment: 'theirs', state: 'active' }]);
  const waiting = await database.query("select run_id from segtag_run where status in ('planned', 'held')");
  expect(waiting).toEqual(model.held ? [{ run_id: model.held.runId }] : []);
}
