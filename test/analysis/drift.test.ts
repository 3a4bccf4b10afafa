import { describe, expect, it } from 'vitest';
import { adjustedRandIndex, populationStabilityIndex, type Transition } from '../../src/analysis/drift.ts';
import { dataIsThere, readJson } from './golden.ts';

type Golden = {
  readonly psi: { readonly expected: number[]; readonly actual: number[]; readonly psi: number };
  readonly ari: { readonly a: number[]; readonly b: number[]; readonly ari: number };
};

function transitions(a: readonly unknown[], b: readonly unknown[]): Transition[] {
  return a.map((from, i) => ({ from: String(from), to: String(b[i]), customers: 1 }));
}

describe('drift', () => {
  it.runIf(dataIsThere)('agrees with the golden PSI and adjusted Rand index', () => {
    const { psi, ari } = readJson<Golden>('golden/analysis.json');
    expect(populationStabilityIndex(psi.expected, psi.actual)).toBeCloseTo(psi.psi, 14);
    expect(adjustedRandIndex(merged(transitions(ari.a, ari.b)))).toBeCloseTo(ari.ari, 14);
  });

  it('is nothing where nothing changes, whatever the sizes and names', () => {
    expect(populationStabilityIndex([10, 30], [1, 3])).toBe(0);
    expect(
      adjustedRandIndex([
        { from: 'a', to: 'x', customers: 7 },
        { from: 'b', to: 'y', customers: 5 },
      ]),
    ).toBe(1);
    expect(adjustedRandIndex([{ from: 'a', to: 'a', customers: 9 }])).toBe(1);
  });

  it('stays finite where a segment comes or goes', () => {
    // (0.5 - 0.0001) ln(0.5 / 0.0001) + (0.5 - 1) ln(0.5)
    expect(populationStabilityIndex([0, 8], [4, 4])).toBeCloseTo(0.4999 * Math.log(5000) + 0.5 * Math.log(2), 12);
  });

  it('has no figure without customers', () => {
    expect(adjustedRandIndex([])).toBeNaN();
    expect(populationStabilityIndex([0, 0], [1, 2])).toBeNaN();
  });
});

/** Each pair of groups once. */
function merged(single: readonly Transition[]): Transition[] {
  const cells = new Map<string, Transition>();
  for (const { from, to, customers } of single) {
    const key = `${from}>${to}`;
    cells.set(key, { from, to, customers: customers + (cells.get(key)?.customers ?? 0) });
  }
  return [...cells.values()];
}
