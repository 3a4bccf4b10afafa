import { describe, expect, it } from 'vitest';
import { memberAgreement } from '../../../src/analysis/labels/members.ts';
import type { Column } from '../../../src/frame/column.ts';
import { parseProfilePredicate } from '../../../src/job/expression/profile-predicate.ts';
import type { Label } from '../../../src/job/schema.ts';

function when(text: string): NonNullable<Label['when']> {
  const parsed = parseProfilePredicate(text);
  if ('mistake' in parsed) throw new Error(parsed.mistake.message);
  return parsed.value;
}

const days = Float64Array.of(10, 20, 200, 300, 400, 500, 15, NaN);
const columns = [{ name: 'days', values: days }];
const customers = new Map<string, Column>([['days', { kind: 'number', values: days }]]);
const clusterOf = Int32Array.of(0, 0, 0, 1, 1, 1, 1, -1);
const base = { columns, customers, clusterOf, minDegree: 0.5 };

describe('customers held against the labels one by one', () => {
  it('tell the purity of a cluster and where the plain rule says otherwise', () => {
    const labels: Label[] = [
      { segment: 'recent', name: 'Recent', mandatory: true, when: when('days.median < 100 and rank(days) == 1') },
      { segment: 'gone', name: 'Gone', mandatory: true, when: when('share(days >= 100) >= 60%') },
    ];
    const agreement = memberAgreement({ ...base, segments: ['recent', 'gone'], labels });
    expect(agreement).toEqual({
      purity: [2 / 3, 3 / 4],
      plain: [
        { segment: 'gone', plain: 'gone', customers: 3 },
        { segment: 'recent', plain: 'recent', customers: 2 },
        { segment: 'gone', plain: 'recent', customers: 1 },
        { segment: 'recent', plain: 'gone', customers: 1 },
      ],
      customers: 7,
    });
  });

  it('measure prototypes by the customer’s own percentile', () => {
    const labels: Label[] = [{ segment: 'gone', name: 'Gone', mandatory: true, prototype: { days: 100 } }];
    const { purity, plain } = memberAgreement({ ...base, segments: [null, 'gone'], labels });
    // Of seven values 300, 400, 500 and 15 have percentiles 64.3, 78.6, 92.9 and 21.4; a degree of a half ends 26.3 below 100.
    expect(purity).toEqual([null, 2 / 4]);
    expect(plain).toEqual([
      { segment: 'gone', plain: 'gone', customers: 2 },
      { segment: 'gone', plain: null, customers: 2 },
    ]);
  });

  it('look at evenly spaced customers where there are many', () => {
    const labels: Label[] = [{ segment: 'recent', name: 'Recent', mandatory: true, when: when('days.median < 100') }];
    const { customers: looked } = memberAgreement({ ...base, segments: ['recent', null], labels, sample: 4 });
    // Rows 0, 2, 4 and 6, of which the last two are in a cluster without a name.
    expect(looked).toBe(2);
  });
});
