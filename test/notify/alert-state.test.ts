import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterSighting,
  allWell,
  stepBetween,
  type AlertState,
  type Subscription,
} from '../../src/notify/alert-state.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const everything: Subscription = { events: ['failed', 'recovered'], remindAfterMs: undefined };

/** What a subscriber hears of nights that are bad or good, one a day. */
function heard(nights: readonly boolean[], subscription: Subscription, jitterMs: readonly number[] = []): string[] {
  let state: AlertState = allWell;
  return nights.map((bad, night) => {
    const nowMs = 1_700_000_000_000 + night * dayMs + (jitterMs[night] ?? 0);
    const next = afterSighting(state, { active: bad, runId: `r${night}` }, nowMs);
    const step = stepBetween(state, next, 'failed', subscription);
    state = next;
    return step === null ? '' : step.kind === 'reminder' ? `reminder ${step.nth}` : step.kind;
  });
}

describe('an alert', () => {
  it('is told once, again as agreed, and once when it is over', () => {
    const nights = [...Array<boolean>(30).fill(true), false, false];
    const told = heard(nights, { ...everything, remindAfterMs: 7 * dayMs }, [40, 0, 0, 0, 0, 0, 0, 10]);
    expect(told.flatMap((step, night) => (step === '' ? [] : [`night ${night + 1}: ${step}`]))).toEqual([
      'night 1: raised',
      'night 8: reminder 1',
      'night 15: reminder 2',
      'night 22: reminder 3',
      'night 29: reminder 4',
      'night 31: recovered',
    ]);
  });

  it('reminds nobody who has not asked for it, and tells nobody of what he does not want', () => {
    const nights = [true, true, true, false];
    expect(heard(nights, everything)).toEqual(['raised', '', '', 'recovered']);
    expect(heard(nights, { ...everything, events: ['failed'] })).toEqual(['raised', '', '', '']);
    expect(heard(nights, { ...everything, events: ['held', 'recovered'] })).toEqual(['', '', '', '']);
  });

  it('counts the runs that met it', () => {
    let state = allWell;
    for (const runId of ['a', 'a', 'b', null]) state = afterSighting(state, { active: true, runId }, 5);
    expect(state).toMatchObject({ occurrences: 2, runId: 'b' });
  });

  it('alternates between begun and over, whatever nights come and whenever they start', () => {
    const night = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: hourMs }));
    fc.assert(
      fc.property(fc.array(night, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (nights, days) => {
        const bad = nights.map(([each]) => each);
        const told = heard(
          bad,
          { ...everything, remindAfterMs: days * dayMs },
          nights.map(([, jitter]) => jitter),
        );
        const edges = told.filter((step) => step === 'raised' || step === 'recovered');
        expect(edges).toEqual(edges.map((_, i) => (i % 2 === 0 ? 'raised' : 'recovered')));
        const begins = bad.filter((each, i) => each && !bad[i - 1]).length;
        const ends = bad.filter((each, i) => !each && bad[i - 1]).length;
        expect(edges).toHaveLength(begins + ends);
        expect(told.filter((step) => step.startsWith('reminder')).length).toBeLessThanOrEqual(bad.length / days + 1);
      }),
    );
  });
});
