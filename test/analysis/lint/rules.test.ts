import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintRules } from '../../../src/analysis/lint/rules.ts';
import { firstMatch } from '../../../src/analysis/rules/first-match.ts';
import type { Column } from '../../../src/frame/column.ts';
import { jobSchema } from '../../../src/job/schema.ts';
import type { CustomerRule } from '../../../src/job/rules/schema.ts';

/** Rules as a job file has them, segment and condition. */
function rulesOf(...written: readonly (readonly [string, string])[]): readonly CustomerRule[] {
  const rules = written.map(([segment, when]) => ({ segment, when }));
  const parsed = jobSchema.shape.segments.parse({ method: 'rules', rules, otherwise: 'other' });
  return parsed.method === 'rules' ? parsed.rules : [];
}

function lint(...written: readonly (readonly [string, string])[]): string[] {
  return lintRules(rulesOf(...written), 'other', new Map()).map(({ kind, message }) => `${kind} ${message}`);
}

const window = new Map([['recency_days', { low: 0, high: 800 }]]);

describe('lintRules', () => {
  it('finds nothing in rules that part the customers', () => {
    expect(lint(['a', 'x < 1'], ['b', 'x between 1 and 2'], ['c', "x > 2 and country = 'PT'"])).toEqual([]);
  });

  it('finds a rule behind one that takes all of its customers', () => {
    expect(lint(['big', 'value >= 100'], ['huge', 'value >= 1000 and recency_days < 30'])).toEqual([
      'shadowed huge: all whom this takes go to big above it',
    ]);
  });

  it('finds a rule that two others leave nothing', () => {
    expect(lint(['low', 'x < 5'], ['high', 'x >= 5'], ['all', 'not x is null'])).toEqual([
      'shadowed all: all whom this takes go to low, high above it',
    ]);
  });

  it('finds rules that overlap, and that nobody is left for otherwise', () => {
    expect(lint(['a', 'x < 5 or x >= 7'], ['b', 'x > 2'])).toEqual([
      'overlap b: some whom this takes go to a above it',
      'otherwise other: the rules take every customer, so nobody is left for otherwise',
    ]);
  });

  it('finds a rule that nobody satisfies, also because of what the data can hold', () => {
    expect(lint(['a', 'x < 5 and x > 6'])).toEqual(['impossible a: no customer can satisfy this']);
    const late = lintRules(rulesOf(['a', 'recency_days > 800']), 'other', window);
    expect(late.map(({ kind }) => kind)).toEqual(['impossible']);
  });

  it('gives no shadowed rule to any customer, and each other one to some', () => {
    const atom = fc
      .tuple(fc.constantFrom('x', 'y'), fc.constantFrom('<', '<=', '>', '>=', '='), fc.integer({ min: 0, max: 3 }))
      .map((parts) => parts.join(' '));
    const condition = fc.oneof(
      atom,
      fc.tuple(atom, fc.constantFrom('and', 'or'), atom).map((parts) => parts.join(' ')),
      atom.map((text) => `not (${text})`),
    );
    const grid = [-0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5];
    const values = (pick: (i: number) => number): Column => ({
      kind: 'number',
      values: Float64Array.from({ length: 81 }, (_, i) => grid[pick(i)]!),
    });
    const columns = new Map([
      ['x', values((i) => i % 9)],
      ['y', values((i) => Math.floor(i / 9))],
    ]);
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 5 }), (conditions) => {
        const rules = rulesOf(...conditions.map((when, i) => [`s${i}`, when] as const));
        const lost = lintRules(rules, 'other', new Map()).filter(
          ({ kind }) => kind === 'shadowed' || kind === 'impossible',
        );
        const given = new Set(firstMatch(columns, rules, 81));
        expect(lost.map(({ rule }) => rule)).toEqual([...rules.keys()].filter((i) => !given.has(i)));
      }),
    );
  });
});
