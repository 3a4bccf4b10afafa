import fc from 'fast-check';
import { expect } from 'vitest';
import { loadJob } from '../../../src/job/load-job.ts';
import { approveRun, rejectRun } from '../../../src/pipeline/decisions/decision.ts';
import { repair, rollBack, type RestoreContext } from '../../../src/pipeline/decisions/restore.ts';
import { newRunId } from '../../../src/pipeline/run-id.ts';
import { openStaging, type Staging } from '../../../src/staging/staging.ts';
import type { Night } from '../nights.ts';
import { edit } from '../small-project.ts';
import { changed, rowsOf } from './customers.ts';
import { crashAt, under } from './faults.ts';
import { letLeasesExpire, readerView } from './invariants.ts';
import {
  afterNight,
  afterPublish,
  asOfOf,
  expectAgreement,
  outcomesOf,
  type Model,
  type Outcome,
  type Real,
} from './model.ts';
import { randomOf } from './seeds.ts';

type Command = fc.AsyncCommand<Model, Real>;

/** A step that can be taken when `may` says so; after each, what is must agree with what should be. */
function command(
  name: string,
  step: (model: Model, real: Real) => Promise<unknown>,
  may: (model: Readonly<Model>) => boolean = () => true,
): Command {
  return {
    check: may,
    toString: () => name,
    async run(model, real) {
      real.tally.set(name.split(' ')[0]!, (real.tally.get(name.split(' ')[0]!) ?? 0) + 1);
      await step(model, real);
      await expectAgreement(model, real);
    },
  };
}

/** A night of a new day, whose slot nobody has taken. */
function night(model: Model, { nights }: Real): Promise<Night> {
  model.day++;
  nights.customersAre(rowsOf(model.source));
  return nights.run({ asOf: asOfOf(model), slot: new Date(`${asOfOf(model)}T02:00:00Z`), firstPauseMs: 1 });
}

async function runOnce(model: Model, real: Real): Promise<Outcome> {
  const expected = outcomesOf(model);
  const { ended, runId } = await night(model, real);
  expect(expected).toContain(ended);
  afterNight(model, runId, ended as Outcome);
  return ended as Outcome;
}

async function runTwice(model: Model, real: Real): Promise<void> {
  const first = await runOnce(model, real);
  const before = await readerView(real.database);
  const second = await runOnce(model, real);
  expect(second).toBe(first === 'held' ? 'held' : 'no_change');
  expect(await readerView(real.database)).toBe(before);
}

async function lateHost(model: Model, real: Real): Promise<void> {
  await runOnce(model, real);
  const before = await readerView(real.database);
  const slot = new Date(`${asOfOf(model)}T02:00:00Z`);
  expect(await real.nights.run({ asOf: asOfOf(model), slot })).toMatchObject({ ended: 'E_SLOT_TAKEN' });
  expect(await readerView(real.database)).toBe(before);
}

async function crash(model: Model, real: Real, at: number): Promise<void> {
  const { database } = real;
  const [expected, before] = [outcomesOf(model), await readerView(database)];
  const { runId } = await under(crashAt(at), () => night(model, real));
  await letLeasesExpire(database);
  const [run] = await database.query('select status from segtag_run where run_id = ?', [runId]);
  const status = String(run?.status);
  if (status === 'published' || status === 'held') {
    expect(expected).toContain(status);
    afterNight(model, runId, status);
  } else expect(await readerView(database)).toBe(before);
  const waiting = await database.query("select run_id from segtag_run where status = 'held'");
  // A crash may come before or after older plans are closed.
  if (waiting.length > 1) await withStaging(real, (staging) => staging.supersede('small', runId));
  if (model.held && !waiting.some(({ run_id: id }) => id === model.held?.runId)) model.held = undefined;
  if (model.held?.runId !== runId && status === 'published')
    await withStaging(real, (staging) => staging.supersede('small', runId));
}

async function handEdit({ edited, tags }: Model, { database }: Real, seed: number): Promise<void> {
  const id = randomOf(seed).pick([...tags.keys()]);
  await database.query("update segment_tag set segment_name = 'by hand' where job = 'small' and customer_id = ?", [id]);
  edited.add(`small ${id}`);
}

async function rollBackOne(model: Model, real: Real): Promise<void> {
  const target = model.published.at(-2)!;
  const before = await readerView(real.database);
  const { run } = await restoring(real, (context) => rollBack(context, target.runId));
  if (run.status === 'published') {
    afterPublish(model, run.id, { tags: target.tags, name: undefined });
    model.rolledBack = true;
  } else {
    expect(run.status).toBe('held');
    expect(await readerView(real.database)).toBe(before);
    model.held = { runId: run.id, tags: target.tags, name: model.name };
  }
}

async function repairAll(model: Model, real: Real): Promise<void> {
  const summary = await restoring(real, repair);
  expect(summary?.run.status).toBe('published');
  model.edited.clear();
  const { rolledBack, publishedName: name } = model;
  afterPublish(model, summary!.run.id, { tags: model.tags, name });
  model.rolledBack = rolledBack;
}

async function approve(model: Model, real: Real): Promise<void> {
  const { runId, tags, name } = model.held!;
  const loaded = loadJob(real.nights.directory, 'small');
  const stale = name !== model.name;
  const before = await readerView(real.database);
  const ended = await withStaging(real, (staging) =>
    approveRun(staging, loaded, runId, { ...deciding, allowOlder: true }).then(
      () => 'published',
      (error: { code?: string }) => error.code,
    ),
  );
  expect(ended).toBe(stale ? 'E_STALE_PLAN' : 'published');
  if (stale) expect(await readerView(real.database)).toBe(before);
  else afterPublish(model, runId, { tags, name: undefined });
}

/** A night that a guard holds, and a person who lets it pass. */
async function override(model: Model, real: Real): Promise<void> {
  turnOver(model);
  if ((await runOnce(model, real)) === 'held') await approve(model, real);
}

async function reject(model: Model, real: Real): Promise<void> {
  const before = await readerView(real.database);
  await withStaging(real, (staging) => rejectRun(staging, model.held!.runId, deciding));
  expect(await readerView(real.database)).toBe(before);
  model.held = undefined;
}

async function rename(model: Model, { nights }: Real): Promise<void> {
  const name = model.name === 'Recent' ? 'Newcomers' : 'Recent';
  edit(nights, 'jobs/small.yaml', `name: ${model.name},`, `name: ${name},`);
  model.name = name;
}

const deciding = { now: new Date('2026-01-01T12:00:00Z'), decidedBy: 'somebody', reason: 'it is right' };

async function withStaging<Result>({ database }: Real, work: (staging: Staging) => Promise<Result>): Promise<Result> {
  const staging = await openStaging(database.connection);
  try {
    return await work(staging);
  } finally {
    await staging.close();
  }
}

function restoring<Result>(real: Real, work: (context: RestoreContext) => Promise<Result>): Promise<Result> {
  const loaded = loadJob(real.nights.directory, 'small');
  const runId = newRunId('small', new Date());
  return withStaging(real, (staging) =>
    work({
      staging,
      loaded,
      target: 'test',
      runId,
      mode: 'publish',
      decidedBy: 'somebody',
      reason: 'a test',
      now: () => new Date(),
    }),
  );
}

function changeSource(model: Model, seed: number, count: number): void {
  model.source = changed(model.source, randomOf(seed), count);
}

/** Flips so many customers that the guard for moves trips. */
function turnOver(model: Model): void {
  const flipped = [...model.source].map(([id, segment], i) => {
    const other = segment === 'recent' ? 'gone' : 'recent';
    return [id, i < 16 ? other : segment] as const;
  });
  model.source = new Map(flipped);
}

const seed = fc.integer({ min: 1, max: 1_000_000 });

function always(step: Command, weight = 1): fc.WeightedArbitrary<Command> {
  return { arbitrary: fc.constant(step), weight };
}

/** A step of a job's life; those that few states allow are offered more often. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(seed, fc.integer({ min: 1, max: 3 }))
      .map(([from, count]) => command(`change ${count} (${from})`, async (model) => changeSource(model, from, count))),
  },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: 1, max: 80 })
      .map((at) => command(`crash ${at}`, (model, real) => crash(model, real, at))),
  },
  {
    weight: 1,
    arbitrary: seed.map((from) =>
      command(
        `edit (${from})`,
        (model, real) => handEdit(model, real, from),
        ({ edited }) => edited.size < 3,
      ),
    ),
  },
  always(command('run', runOnce), 2),
  always(command('run-twice', runTwice)),
  always(command('late-host', lateHost)),
  always(command('turn-over', async (model) => turnOver(model))),
  always(command('override', override, ({ edited }) => edited.size === 0)),
  always(command('rename', rename)),
  always(command('reject', reject, ({ held }) => held !== undefined)),
  always(
    command('approve', approve, ({ held, edited }) => held !== undefined && edited.size === 0),
    3,
  ),
  always(
    command('rollback', rollBackOne, ({ published, edited }) => published.length > 1 && edited.size === 0),
    3,
  ),
  always(
    command('repair', repairAll, ({ edited }) => edited.size > 0),
    4,
  ),
);
