import { describe, expect, it } from 'vitest';
import { computeNight, readJob, type ComputedNight } from '../../support/computed-night.ts';
import { drawPopulation, type Group, type Population, type PopulationOptions } from '../../support/populations.ts';

const job = readJob('jobs/opportunities.yaml');
const asOf = '2026-06-30';
const isFull = process.env.SEGTAG_TEST_FULL === '1';
const customers = isFull ? 2000 : 1000;
const baseSeeds = [1, 20_000, 777_000];

function columnsOf({ recencyDays, value }: Population): Record<string, Float64Array> {
  return { recency_days: recencyDays, deals: recencyDays.map(() => 1), value };
}

function nightOf(options: PopulationOptions): Promise<ComputedNight> {
  return computeNight({ job, asOf, columns: columnsOf(drawPopulation({ customers, ...options })) });
}

/** For each segment the group that most of its customers were drawn from. */
function groupsOf({ segments }: ComputedNight, { groups }: Population): Record<string, Group> {
  const counts = new Map<string, Map<Group, number>>();
  for (const [i, segment] of segments.entries()) {
    const within = counts.get(String(segment)) ?? new Map<Group, number>();
    within.set(groups[i]!, (within.get(groups[i]!) ?? 0) + 1);
    counts.set(String(segment), within);
  }
  const largest = (within: Map<Group, number>): Group => [...within].sort((a, b) => b[1] - a[1])[0]![0];
  return Object.fromEntries([...counts].map(([segment, within]) => [segment, largest(within)]));
}

const rightNames = {
  abm: 'abm',
  cross_sell: 'cross_sell',
  renewal: 'renewal',
  worth_winning: 'win_back',
  let_go: 'win_back',
  key_account: 'abm',
};

describe('populations of four groups by recency and value, drawn from three base seeds', () => {
  it.each(baseSeeds)('get the right name for every group, from seed %i on', async (base) => {
    const wrong: unknown[] = [];
    for (let seed = base; seed < base + (isFull ? 40 : 3); seed++) {
      const night = await nightOf({ seed });
      const names = groupsOf(night, drawPopulation({ seed, customers }));
      const { problems } = night.segmentation;
      if (problems.length > 0 || !sameNames(names)) wrong.push({ seed, names, problems });
    }
    expect(wrong).toEqual([]);
  });

  const low: readonly Group[] = ['cross_sell', 'renewal', 'win_back'];
  const lacking = [...low, 'abm' as const].map((group) => ({ without: [group] }));
  const alike = [...low, 'abm' as const].flatMap((group) =>
    low.filter((other) => other !== group).map((other) => ({ alike: [group, other] as const })),
  );
  const doubled = low.map((group) => ({ alike: [group, 'abm'] as const }));

  it.each([...lacking, ...alike, ...doubled])(
    'are held when a group is missing or like another: %j',
    async (missing) => {
      const published: number[] = [];
      for (const base of baseSeeds)
        for (let seed = base; seed < base + (isFull ? 10 : 1); seed++)
          if ((await nightOf({ seed, ...missing })).segmentation.problems.length === 0) published.push(seed);
      expect(published).toEqual([]);
    },
  );
});

function sameNames(names: Record<string, Group>): boolean {
  return Object.entries(rightNames).every(([segment, group]) => names[segment] === group);
}

describe('a night after which two groups are one, or one is two', () => {
  const population = drawPopulation({ seed: 5 });
  const moved = (group: Group, to: (days: number, i: number) => number): Population => ({
    ...population,
    recencyDays: population.recencyDays.map((days, i) => (population.groups[i] === group ? to(days, i) : days)),
  });

  it.each([
    ['renewal and win_back merge', moved('renewal', (_, i) => 730 + (i % 71)), ['abm', 'cross_sell']],
    ['renewal splits', moved('renewal', (days, i) => (i % 2 === 0 ? 370 : days)), ['abm', 'win_back']],
    ['cross_sell splits', moved('cross_sell', (days, i) => (i % 2 === 0 ? 300 : days)), ['abm', 'win_back']],
    ['cross_sell and renewal merge', moved('renewal', (_, i) => i % 300), ['abm', 'win_back']],
  ])('does not move the names of the others: %s', async (_, tonight, others) => {
    const first = await computeNight({ job, asOf, columns: columnsOf(population) });
    const second = await computeNight({ job, asOf: '2026-07-01', columns: columnsOf(tonight), model: first.model });
    const nameOf = (night: ComputedNight, uid: string) =>
      night.model.clusters.find((each) => each.uid === uid)?.segment;
    for (const { uid, segment } of first.model.clusters)
      if (others.includes(segment)) expect(nameOf(second, uid)).toBe(segment);
    const stayed = first.segments.flatMap((segment, i) =>
      others.includes(population.groups[i]!) ? [[segment, second.segments[i]]] : [],
    );
    const changed = stayed.filter(([before, after]) => after !== null && before !== after);
    expect(changed.length / stayed.length).toBeLessThan(0.01);
  });
});
