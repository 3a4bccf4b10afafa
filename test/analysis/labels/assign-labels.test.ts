import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignLabels, type LabelResult } from '../../../src/analysis/labels/assign-labels.ts';
import type { ClusterProfile } from '../../../src/analysis/profile.ts';
import type { ProfileOperand } from '../../../src/job/expression/expression.ts';
import { parseProfilePredicate } from '../../../src/job/expression/profile-predicate.ts';
import type { Label, Labelling } from '../../../src/job/schema.ts';

const labelling: Labelling = {
  cardinality: 'one_to_one',
  unmatched: 'hold',
  ambiguous: 'incumbent',
  min_degree: 0.5,
  min_margin: 0.05,
  incumbent_bonus: 0.15,
};

const labels: Label[] = [
  { segment: 'abm', name: 'Account-based', mandatory: true, prototype: { value: 95 } },
  { segment: 'cross_sell', name: 'Cross-sell', mandatory: true, prototype: { recency_days: 15, value: 45 } },
  { segment: 'renewal', name: 'Renewal', mandatory: true, prototype: { recency_days: 50, value: 45 } },
  { segment: 'win_back', name: 'Win-back', mandatory: true, prototype: { recency_days: 85, value: 45 } },
  { segment: 'key_account', name: 'Exceptional deal', mandatory: true, when: 'outlier' },
];

/** A cluster at these percentiles of recency and value. */
function at(cluster: number, recency: number, value: number): ClusterProfile {
  return { cluster, n: 250, share: 0.25, features: [feature('recency_days', recency), feature('value', value)] };
}

function feature(column: string, pct: number): ClusterProfile['features'][number] {
  const median = pct * 8;
  return { column, pct, median, mean: median, p10: 0, p90: 800, min: 0, max: 800, index: pct * 2, rank: 1 };
}

function segments(result: LabelResult): (string | null)[] {
  return result.clusters.map(({ segment }) => segment);
}

describe('labels', () => {
  const profiles = [at(0, 86, 42), at(1, 17, 48), at(2, 48, 96), at(3, 53, 40)];

  it('go by where the medians lie, with a degree that can be worked out by hand', () => {
    const result = assignLabels({ profiles, labels, labelling });
    expect(segments(result)).toEqual(['win_back', 'cross_sell', 'abm', 'renewal']);
    expect(result.problems).toEqual([]);
    // 2 and 3 percentiles off: exp(-(0.02² + 0.03²) / 0.1)
    expect(result.clusters[1]?.degree).toBeCloseTo(Math.exp(-0.013), 12);
    expect(result.clusters[1]?.second?.segment).toBe('renewal');
    expect(result.clusters[1]?.explanation).toBe(
      'median recency_days 136, percentile 17 of all customers; median value 384, percentile 48 of all customers; ' +
        'cross_sell with degree 0.99, next renewal with 0.33.',
    );
  });

  it('don’t depend on the order of clusters', () => {
    const percentile = fc.double({ min: 0, max: 100, noNaN: true });
    const places = fc.uniqueArray(fc.tuple(percentile, percentile), { minLength: 2, maxLength: 6, selector: String });
    const carried = fc.constantFrom(null, 'abm', 'renewal', 'win_back');
    fc.assert(
      fc.property(places, fc.array(carried, { minLength: 6, maxLength: 6 }), (points, before) => {
        const inOrder = points.map(([recency, value], i) => at(i, recency, value));
        const incumbents = before.slice(0, points.length);
        const forward = segments(assignLabels({ profiles: inOrder, labels, labelling, incumbents }));
        const reversed = inOrder.toReversed().map((profile, cluster) => ({ ...profile, cluster }));
        const backward = assignLabels({
          profiles: reversed,
          labels,
          labelling,
          incumbents: incumbents.toReversed(),
        });
        expect(segments(backward).toReversed()).toEqual(forward);
      }),
    );
  });

  it('stay where they are while clusters drift for two nights', () => {
    const drift = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(drift, (moves) => {
        const first = segments(assignLabels({ profiles, labels, labelling }));
        let current = profiles;
        for (const night of [0, 1]) {
          current = current.map(({ features }, i) => {
            const [dr, dv] = [moves[night * 8 + 2 * i]!, moves[night * 8 + 2 * i + 1]!];
            return at(i, features[0]!.pct + dr, Math.min(100, features[1]!.pct + dv));
          });
          const result = assignLabels({ profiles: current, labels, labelling, incumbents: first });
          expect(segments(result)).toEqual(first);
          expect(result.problems).toEqual([]);
        }
      }),
    );
  });

  it('keep the incumbent when two namings are as good as each other, and say that they did', () => {
    const between = [at(0, 67.2, 45), at(1, 67.8, 45)];
    const pair = labels.slice(2, 4);
    const first = assignLabels({ profiles: between, labels: pair, labelling });
    expect(segments(first)).toEqual(['renewal', 'win_back']);
    expect(first.clusters.every(({ ambiguous }) => ambiguous)).toBe(true);
    const swapped = { profiles: between, labels: pair, incumbents: ['win_back', 'renewal'] };
    const kept = assignLabels({ ...swapped, labelling: { ...labelling, incumbent_bonus: 0 } });
    expect(segments(kept)).toEqual(['win_back', 'renewal']);
    const decided = assignLabels({ ...swapped, labelling: { ...labelling, incumbent_bonus: 0, min_margin: 0 } });
    expect(segments(decided)).toEqual(['renewal', 'win_back']);
  });

  it('favour the incumbent by the bonus, beyond the margin', () => {
    // As they are 1.52 in all, the other way round 1.42: closer than two bonuses, farther than the margin.
    const near = { profiles: [at(0, 67, 45), at(1, 69, 45)], labels: labels.slice(2, 4) };
    const incumbents = ['win_back', 'renewal'];
    expect(segments(assignLabels({ ...near, incumbents, labelling }))).toEqual(incumbents);
    const without = { ...labelling, incumbent_bonus: 0 };
    expect(segments(assignLabels({ ...near, incumbents, labelling: without }))).toEqual(['renewal', 'win_back']);
  });

  it('leave an incumbent whose cluster has clearly become something else', () => {
    const incumbents = ['cross_sell', 'win_back', 'abm', 'renewal'];
    expect(segments(assignLabels({ profiles, labels, labelling, incumbents }))).toEqual([
      'win_back',
      'cross_sell',
      'abm',
      'renewal',
    ]);
  });

  it('go by the order of the job where degrees are equal', () => {
    const twins: Label[] = ['b', 'a'].map((segment) => ({
      segment,
      name: segment,
      mandatory: false,
      prototype: { value: 50 },
    }));
    expect(segments(assignLabels({ profiles: [at(0, 50, 50)], labels: twins, labelling }))).toEqual(['b']);
  });

  it('report a cluster that fits none and a mandatory label that no cluster has', () => {
    const result = assignLabels({ profiles: [...profiles.slice(0, 3), at(3, 10, 1)], labels, labelling });
    expect(segments(result)).toEqual(['win_back', 'cross_sell', 'abm', null]);
    expect(result.problems.map(({ kind }) => kind)).toEqual(['cluster_unmatched', 'mandatory_missing']);
    expect(result.problems[0]?.message).toContain('A cluster of 250 customers (25 %) matches no label');
    expect(result.problems[1]).toMatchObject({ segment: 'renewal' });
  });

  it('never go to a cluster of less than the least degree, even if a better total would need it', () => {
    // Left to the sum alone, the second cluster would get renewal at degree 0.3.
    const result = assignLabels({ profiles: [at(0, 50, 45), at(1, 85, 45)], labels: labels.slice(2, 3), labelling });
    expect(segments(result)).toEqual(['renewal', null]);
    expect(result.clusters[1]?.explanation).toContain('below 0.50');
  });

  it('without a prototype take what the others leave', () => {
    const rest: Label = { segment: 'rest', name: 'All others', mandatory: false };
    const result = assignLabels({ profiles: [at(0, 10, 1), at(1, 17, 48)], labels: [rest, labels[1]!], labelling });
    expect(segments(result)).toEqual(['rest', 'cross_sell']);
  });

  it('stay with a cluster that has lost its customers, and are then missed where they are mandatory', () => {
    const nowhere = { pct: NaN, median: NaN, mean: NaN, min: NaN, max: NaN };
    const vacant = { ...at(3, 53, 40), n: 0, share: 0 };
    const empty = { ...vacant, features: vacant.features.map((feature) => ({ ...feature, ...nowhere })) };
    const rest: Label = { segment: 'rest', name: 'All others', mandatory: false };
    const all = { profiles: [...profiles.slice(0, 3), empty], labels: [rest, ...labels], labelling };
    const kept = assignLabels({ ...all, incumbents: ['win_back', 'cross_sell', 'abm', 'renewal'] });
    expect(segments(kept)).toEqual(['win_back', 'cross_sell', 'abm', 'renewal']);
    expect(kept.clusters[3]?.explanation).toBe('no customers tonight; keeps renewal as published');
    expect(kept.problems.map(({ message }) => message)).toEqual([
      'The cluster of the mandatory label renewal has no customers.',
    ]);
    const unnamed = assignLabels(all);
    expect(segments(unnamed)[3]).toBeNull();
    expect(unnamed.problems.some(({ kind }) => kind === 'cluster_unmatched')).toBe(false);
  });

  const byRule: Label[] = [
    { segment: 'recent', name: 'Recent', mandatory: true, when: rule('recency_days.pct <= 40 ~20') },
    { segment: 'gone', name: 'Gone', mandatory: true, prototype: { recency_days: 90 }, when: rule('size_share > 20%') },
  ];
  const figureOf = (cluster: number, operand: ProfileOperand): number => {
    if (operand.kind === 'size_share') return 0.25;
    return operand.kind === 'statistic' ? [86, 17, 48, 53][cluster]! : NaN;
  };

  it('go by conditions, multiplied with the prototype where both are written', () => {
    const result = assignLabels({ profiles: profiles.slice(0, 2), labels: byRule, labelling, figureOf });
    expect(segments(result)).toEqual(['gone', 'recent']);
    expect(result.clusters[0]?.degree).toBeCloseTo(Math.exp(-(0.04 ** 2) / 0.1), 12);
    // 0.5 + (40 - 17) / 40 is more than 1.
    expect(result.clusters[1]?.degree).toBe(1);
    expect(result.clusters[1]?.explanation).toBe('recency_days.pct 17; recent with degree 1.00, next gone with 0.00.');
  });

  it('are shared or go to the first that fits where the job says so', () => {
    const many = { ...labelling, cardinality: 'many_to_one' as const };
    const three = profiles.slice(0, 3);
    expect(
      segments(assignLabels({ profiles: three, labels: byRule, labelling, figureOf })).filter(Boolean).length,
    ).toBe(2);
    // 48 is 8 above 40: degree 0.3 of recent, and exp(-0.42² / 0.1) = 0.17 of gone.
    expect(segments(assignLabels({ profiles: three, labels: byRule, labelling: many, figureOf }))).toEqual([
      'gone',
      'recent',
      null,
    ]);
    const lax = { ...many, min_degree: 0.1 };
    expect(segments(assignLabels({ profiles: three, labels: byRule, labelling: lax, figureOf }))).toEqual([
      'gone',
      'recent',
      'recent',
    ]);
    const first = { ...lax, cardinality: 'first_match' as const };
    const reversed = byRule.toReversed();
    expect(segments(assignLabels({ profiles: three, labels: reversed, labelling: first, figureOf }))).toEqual([
      'gone',
      'recent',
      'gone',
    ]);
  });

  it('hold the run where a cluster could have two names, if the job wants that', () => {
    const close = [at(0, 30, 40), at(1, 70, 40)];
    const middle: Label[] = [
      { segment: 'one', name: 'One', mandatory: false, prototype: { recency_days: 49 } },
      { segment: 'two', name: 'Two', mandatory: false, prototype: { recency_days: 51 } },
    ];
    const held = assignLabels({
      profiles: close,
      labels: middle,
      labelling: { ...labelling, min_margin: 0.5, ambiguous: 'hold' },
    });
    expect(held.problems.map(({ kind }) => kind)).toEqual(['cluster_ambiguous', 'cluster_ambiguous']);
    const incumbents = ['two', 'one'];
    const kept = {
      profiles: close,
      labels: middle,
      labelling: { ...labelling, min_margin: 0.5, incumbent_bonus: 0 },
      incumbents,
    };
    expect(segments(assignLabels(kept))).toEqual(['two', 'one']);
    expect(segments(assignLabels({ ...kept, labelling: { ...kept.labelling, ambiguous: 'best' } }))).toEqual([
      'one',
      'two',
    ]);
  });

  it('let customers of an unmatched cluster keep their tags without holding the run, if the job wants that', () => {
    const far = [...profiles.slice(0, 2), at(2, 50, 1)];
    const some = labels.slice(1, 4);
    const keep = { ...labelling, unmatched: 'keep' as const, min_degree: 0.9 };
    const optional = some.map((label) => ({ ...label, mandatory: false }));
    expect(
      assignLabels({ profiles: far, labels: optional, labelling: { ...keep, unmatched: 'hold' } }).problems.length,
    ).toBe(1);
    const result = assignLabels({ profiles: far, labels: optional, labelling: keep });
    expect(segments(result)).toContain(null);
    expect(result.problems).toEqual([]);
  });
});

function rule(text: string): NonNullable<Label['when']> {
  const parsed = parseProfilePredicate(text);
  if ('mistake' in parsed) throw new Error(parsed.mistake.message);
  return parsed.value;
}
