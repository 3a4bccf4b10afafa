import { describe, expect } from 'vitest';
import { compareRuns } from '../../../src/pipeline/inquiries/compare-runs.ts';
import { staged } from '../../support/in-process.ts';
import { nightsOf } from '../../support/nights.ts';
import { sixtyCustomers, type Customer } from '../../support/small-project.ts';
import { stagingEngines } from '../../support/staging-databases.ts';

/** Customers with other days since their last order. */
function recencies(customers: readonly Customer[], days: Readonly<Record<string, number>>): Customer[] {
  return customers.map(([id, recency, value]) => [id, days[id] ?? recency, value] as const);
}

const segmentOf = ([, recency]: Customer): string => (Number(recency) < 250 ? 'recent' : 'gone');

/** What the lists of customers themselves say about who went where. */
function movesBetween(before: readonly Customer[], after: readonly Customer[]): string[] {
  const [was, is] = [before, after].map((list) => new Map(list.map((customer) => [customer[0], segmentOf(customer)])));
  const ids = [...new Set([...was!.keys(), ...is!.keys()])];
  const ends = ids.map((id) => [was!.get(id) ?? 'none', is!.get(id) ?? 'none']).filter(([from, to]) => from !== to);
  return ends.map(([from, to]) => `${from} → ${to}`).sort();
}

describe.each(stagingEngines)('compareRuns on $name', ({ it, fresh }) => {
  it('counts who went from where to where between any two runs, also planned ones, in both directions', async () => {
    const database = await fresh();
    await staged(database.connection, (staging) => staging.migrate(['segment_tag']));
    const first = sixtyCustomers;
    const second: Customer[] = [...recencies(first.slice(1), { C002: 600, C004: 610, C003: 12 }), ['C900', 15, 120]];
    const third = recencies([...second, ['C000', 14, 110] as const], { C002: 12, C006: 620 });
    const fourth = recencies(third.slice(2), { C008: 630 });
    const lists = [first, second, third, fourth];
    const nights = nightsOf(database);
    const ids: string[] = [];
    for (const [i, list] of lists.entries()) {
      nights.customersAre(list);
      const { ended, runId } = await nights.run({ asOf: `2026-07-0${i + 1}`, mode: i === 3 ? 'plan' : 'publish' });
      expect(ended).toBe(i === 3 ? 'planned' : 'published');
      ids.push(runId);
    }
    await staged(database.connection, async (staging) => {
      for (const [i, before] of lists.entries())
        for (const [j, after] of lists.entries()) {
          const { moves, segments } = await compareRuns(staging, ids[i]!, ids[j]!);
          const told = moves!.flatMap(({ from, to, customers }) =>
            Array.from({ length: customers }, () => `${from ?? 'none'} → ${to ?? 'none'}`),
          );
          expect(told.sort(), `${i + 1} to ${j + 1}`).toEqual(movesBetween(before, after));
          for (const { segment, customers } of segments)
            expect([customers.before, customers.after]).toEqual(
              [before, after].map((list) => list.filter((each) => segmentOf(each) === segment).length),
            );
        }
    });
    await database.drop();
  });
});
