import type { Guards } from '../../job/schema.ts';
import { adjustedRandIndex, populationStabilityIndex, type Transition } from '../drift.ts';
import type { Move } from './diff.ts';
import type { GuardResult } from './guards.ts';

/** How far tonight is from what is published; null where there is nothing to compare. */
export type Drift = {
  /** Share of the customers present on both nights whose segment changes. */
  readonly churn: number | null;
  /** Population stability index of the segments' shares. */
  readonly psi: number | null;
  /** Adjusted Rand index over the customers present on both nights. */
  readonly ari: number | null;
  /** How far the centroid that moved most has moved, in the frozen scale. */
  readonly centroid_shift: number | null;
  /** How much the silhouette (squared Euclidean) has fallen; negative where it rose. */
  readonly silhouette_drop: number | null;
};

export type DriftInput = {
  readonly moves: readonly Move[];
  /** Tonight's customers by segment. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Distances of the clusters that go on. */
  readonly shifts: readonly number[];
  /** Tonight's and the published one, where there are both. */
  readonly silhouettes: { readonly now: number | null; readonly published: number | null };
};

/** Measures the change from the published night, from what the diff has counted. */
export function measureDrift({ moves, sizes, shifts, silhouettes }: DriftInput): Drift {
  const stayed = transitionsOf(moves, sizes);
  const both = sumOf(stayed.map(({ customers }) => customers));
  const moved = sumOf(stayed.filter(({ from, to }) => from !== to).map(({ customers }) => customers));
  const names = [...new Set([...sizes.keys(), ...moves.flatMap(({ from, to }) => [from, to])])].filter(
    (name) => name !== null,
  );
  const before = names.map(
    (name) =>
      sumOf(stayed.filter(({ from }) => from === name).map(({ customers }) => customers)) +
      sumOf(moves.filter(({ from, to }) => from === name && to === null).map(({ customers }) => customers)),
  );
  const { now, published } = silhouettes;
  return {
    churn: both === 0 ? null : moved / both,
    psi:
      both === 0
        ? null
        : populationStabilityIndex(
            before,
            names.map((name) => sizes.get(name) ?? 0),
          ),
    ari: both === 0 ? null : adjustedRandIndex(stayed),
    centroid_shift: shifts.length === 0 ? null : Math.max(...shifts),
    silhouette_drop: now === null || published === null ? null : published - now,
  };
}

/** From one segment to another, and from each to itself, without those who enter or leave. */
function transitionsOf(moves: readonly Move[], sizes: ReadonlyMap<string, number>): Transition[] {
  const between = moves.filter((move): move is Transition => move.from !== null && move.to !== null);
  const stayed = [...sizes].map(([segment, customers]) => {
    const arrived = sumOf(moves.filter(({ to }) => to === segment).map((move) => move.customers));
    return { from: segment, to: segment, customers: customers - arrived };
  });
  return [...between, ...stayed].filter(({ customers }) => customers > 0);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

const defaults = {
  psi: { max: 0.25, then: 'hold' },
  ari: { min: 0.8, then: 'hold' },
  centroid_shift: { max: 0.5, then: 'hold' },
  silhouette_drop: { max: 0.1, then: 'hold' },
} as const;

/**
 * Judges how far a night is from the published one. Where the job doesn't mention these guards, psi
 * and ari follow `moved`: they are off where it is, and don't trip where fewer customers move than
 * `moved.min_customers`.
 */
export function judgeChange(guards: Guards, drift: Drift, movedCustomers: number): GuardResult[] {
  const { moved } = guards;
  const few = moved !== 'off' && movedCustomers < moved.min_customers;
  const following = <Rule>(rule: Rule): Rule | 'off' => (moved === 'off' || few ? 'off' : rule);
  return [
    judgeFigure('psi', 'segment sizes', drift.psi, guards.psi ?? following(defaults.psi)),
    judgeFigure('ari', 'agreement with the published groups', drift.ari, guards.ari ?? following(defaults.ari)),
    judgeFigure(
      'centroid_shift',
      'farthest moved centroid',
      drift.centroid_shift,
      guards.centroid_shift ?? defaults.centroid_shift,
    ),
    judgeFigure(
      'silhouette_drop',
      'fall of the silhouette',
      drift.silhouette_drop,
      guards.silhouette_drop ?? defaults.silhouette_drop,
    ),
  ].filter((result) => result !== null);
}

type Rule = 'off' | { readonly then: 'hold' | 'warn'; readonly min?: number; readonly max?: number };

/** Null where there is no figure: a first night, or a method without clusters. */
function judgeFigure(guard: string, what: string, figure: number | null, rule: Rule): GuardResult | null {
  if (figure === null || Number.isNaN(figure)) return null;
  const found = figure.toFixed(3);
  const message = `${what}: ${guard} is ${found}`;
  if (rule === 'off') return { guard, found, limit: 'off', verdict: 'off', message };
  const { min = -Infinity, max = Infinity, then } = rule;
  const fits = figure >= min && figure <= max;
  const limit = rule.min === undefined ? `at most ${max}` : `at least ${min}`;
  return { guard, found, limit, verdict: fits ? 'passed' : then === 'hold' ? 'held' : 'warned', message };
}
