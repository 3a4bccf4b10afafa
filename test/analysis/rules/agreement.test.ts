import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../../../src/analysis/rules/agreement.ts';

const rules = ['key', 'old', 'new'];
const segments = ['key', 'old_rich', 'old_poor', 'new', 'huge'];
const parentOf = new Map([
  ['old_rich', 'old'],
  ['old_poor', 'old'],
]);
const exempt = new Set(['huge']);

function agreement(said: readonly (readonly [rule: string, segment: string])[]): ReturnType<typeof agreementOf> {
  const ruleOf = Int32Array.from(said, ([rule]) => rules.indexOf(rule));
  const segmentOf = Int32Array.from(said, ([, segment]) => segments.indexOf(segment));
  return agreementOf({ rules, ruleOf, segments, segmentOf, parentOf, exempt });
}

describe('agreementOf', () => {
  it('counts who is where, and takes a divided segment for what it was divided from', () => {
    const found = agreement([
      ['key', 'key'],
      ['key', 'key'],
      ['key', 'new'],
      ['old', 'old_rich'],
      ['old', 'old_poor'],
      ['new', 'old_poor'],
      ['key', 'huge'],
      ['key', 'nowhere'],
    ]);
    expect(found).toEqual({
      customers: 6,
      agreed: 4,
      share: 4 / 6,
      cells: [
        { rule: 'key', segment: 'key', customers: 2, share: 0.5 },
        { rule: 'key', segment: 'new', customers: 1, share: 0.25 },
        { rule: 'key', segment: 'huge', customers: 1, share: 0.25 },
        { rule: 'old', segment: 'old_rich', customers: 1, share: 0.5 },
        { rule: 'old', segment: 'old_poor', customers: 1, share: 0.5 },
        { rule: 'new', segment: 'old_poor', customers: 1, share: 1 },
      ],
    });
  });

  it('has no share where nobody is compared', () => {
    expect(agreement([['key', 'huge']])).toMatchObject({ customers: 0, agreed: 0, share: null });
    expect(agreement([])).toEqual({ customers: 0, agreed: 0, share: null, cells: [] });
  });

  it('counts every customer with a segment once, and shares of a rule add up to one', () => {
    const said = fc.array(fc.tuple(fc.constantFrom(...rules), fc.constantFrom(...segments)), { minLength: 1 });
    fc.assert(
      fc.property(said, (pairs) => {
        const { cells, customers, agreed } = agreement(pairs);
        expect(cells.reduce((sum, cell) => sum + cell.customers, 0)).toBe(pairs.length);
        expect(agreed).toBeLessThanOrEqual(customers);
        for (const rule of new Set(cells.map((cell) => cell.rule))) {
          const ofRule = cells.filter((cell) => cell.rule === rule);
          expect(ofRule.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
        }
      }),
    );
  });
});
