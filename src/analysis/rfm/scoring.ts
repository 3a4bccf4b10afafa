import { SegtagError } from '../../errors.ts';
import type { IdColumn } from '../../frame/column.ts';
import type { RfmAxisName, RfmSettings } from '../../job/rfm/settings.ts';
import { columnNamed, type NumericColumn } from '../matrix.ts';
import { quantile, sortedCopy } from '../quantile.ts';
import { binsOf, fitEdges, type AxisValues, type Edge } from './edges.ts';

/** An axis with the edges that a night has found, as plain JSON. */
export type FittedAxis = {
  readonly axis: RfmAxisName;
  readonly column: string;
  readonly better: 'high' | 'low';
  readonly weight: number;
  readonly bins: number;
  /** Where a value equal to an edge goes. */
  readonly atEdge: 'below' | 'above';
  /**
   * By the digits of the scores on the axes before, where the axis is cut within them (`nested`); the
   * empty key holds the edges of all customers, for those that nothing else is held for.
   */
  readonly edges: Readonly<Record<string, readonly Edge[]>>;
};

/** All that scores a customer as this night did, as plain JSON. */
export type FittedRfm = {
  readonly axes: readonly FittedAxis[];
  readonly binning: RfmSettings['binning'];
  readonly score: RfmSettings['score'];
  readonly valueAxis: RfmSettings['valueAxis'];
  /** Upper ends, inclusive, of all tiers but the last, on the sum of the scores. */
  readonly tiers: { readonly names: readonly string[]; readonly cuts: readonly number[] } | null;
};

/** Customers in ascending bytewise order of id; `rows` are those who get scores, ascending. */
export type RfmInput = {
  readonly columns: readonly NumericColumn[];
  readonly ids: IdColumn;
  readonly rows: Uint32Array;
};

/** Scores of the customers in `rows`, in their order. */
export type RfmScores = {
  /** 1 and up, the highest is the best. */
  readonly byAxis: Readonly<Partial<Record<RfmAxisName, Uint8Array>>>;
  /** Frequency, or its mean with monetary, rounded half up where the settings say so. */
  readonly value: Float64Array;
  /** Sum of the scores times their weights. */
  readonly sum: Float64Array;
  /** The weighted mean, the sum, or the digits as a number. */
  readonly combined: Float64Array;
  /** Index into the names of the tiers. */
  readonly tier: Uint8Array | null;
};

/**
 * Finds the edges and scores the customers. Independent binning cuts each axis over all customers;
 * nested binning cuts frequency within each recency score and monetary within each pair of them.
 *
 * A score is the bin from 1 up, turned round where fewer is better. `value` and the combined score
 * follow the settings; tiers are equal parts by the sum, cut at its type-7 quantiles (pandas: `qcut`).
 * Ties: see `fitEdges`. Throws E_FEATURE_NOT_FINITE with the column and the number of customers, and
 * E_DEGENERATE_FIT as `fitEdges` does.
 */
export function fitRfm(settings: RfmSettings, input: RfmInput): { fitted: FittedRfm; scores: RfmScores } {
  const axes: FittedAxis[] = [];
  const found: Uint8Array[] = [];
  for (const axis of settings.axes) {
    const { column, cut } = axis;
    const values = axisValues(input, column);
    const edgesOf = (rows: Uint32Array): Edge[] => fitEdges(values, rows, cut, settings.compat === 'r-rfm');
    const edges: Record<string, Edge[]> = { '': edgesOf(input.rows) };
    if (settings.binning === 'nested' && found.length > 0) {
      for (const [key, members] of membersByKey(found, input.rows)) edges[key] = edgesOf(members);
    }
    const fitted = fittedAxis(settings, axis, edges);
    axes.push(fitted);
    found.push(axisScores(fitted, values, input.rows, found));
  }
  const untiered = combineScores(fittedRfm(settings, axes, null), found);
  const sorted = sortedCopy(untiered.sum);
  const fitted = fittedRfm(settings, axes, tiersFrom(settings.tiers, sorted));
  return { fitted, scores: combineScores(fitted, found) };
}

/** An axis with its edges. */
export function fittedAxis(
  { compat }: RfmSettings,
  { axis, column, better, weight }: RfmSettings['axes'][number],
  edges: FittedAxis['edges'],
): FittedAxis {
  const atEdge = compat === 'r-rfm' ? 'above' : 'below';
  return { axis, column, better, weight, bins: edges['']!.length + 1, atEdge, edges };
}

/** All that scores a customer, from what was found of the axes and the tiers. */
export function fittedRfm(
  { binning, score, valueAxis }: RfmSettings,
  axes: readonly FittedAxis[],
  tiers: FittedRfm['tiers'],
): FittedRfm {
  return { axes, binning, score, valueAxis, tiers };
}

/** Tiers of equal parts, from the ascending sums of the customers' scores; null without names or customers. */
export function tiersFrom(names: readonly string[] | null, sums: ArrayLike<number>): FittedRfm['tiers'] {
  if (!names || sums.length === 0) return null;
  return { names, cuts: names.slice(1).map((_, i) => quantile(sums, (i + 1) / names.length)) };
}

/** Scores customers by the edges of another night. Throws E_FEATURE_NOT_FINITE. */
export function scoreRfm(fitted: FittedRfm, input: RfmInput): RfmScores {
  const found: Uint8Array[] = [];
  for (const axis of fitted.axes) found.push(axisScores(axis, axisValues(input, axis.column), input.rows, found));
  return combineScores(fitted, found);
}

function axisValues({ columns, ids, rows }: RfmInput, column: string): AxisValues {
  const { values } = columnNamed(columns, column);
  const bad = rows.reduce((count, row) => count + (Number.isFinite(values[row]) ? 0 : 1), 0);
  if (bad > 0)
    throw new SegtagError('E_FEATURE_NOT_FINITE', {
      where: `column "${column}"`,
      what: `The value is null, NaN or infinite for ${bad === 1 ? '1 customer' : `${bad} customers`}.`,
      remedy: 'Give these customers a value in customers.sql (for example with COALESCE), or filter them out there.',
    });
  return { column, values, ids };
}

function axisScores(axis: FittedAxis, input: AxisValues, rows: Uint32Array, before: readonly Uint8Array[]): Uint8Array {
  const nested = Object.keys(axis.edges).length > 1;
  const scores = new Uint8Array(rows.length);
  for (const [key, positions] of nested ? positionsByKey(before, rows.length) : [['', undefined] as const]) {
    const members = positions ? positions.map((i) => rows[i]!) : rows;
    const bins = binsOf(input, members, axis.edges[key] ?? axis.edges['']!, axis.atEdge);
    for (const [nth, bin] of bins.entries()) {
      scores[positions ? positions[nth]! : nth] = axis.better === 'low' ? axis.bins - bin : bin + 1;
    }
  }
  return scores;
}

/** Positions, ascending, of the customers with the same scores so far, by the digits of these. */
function positionsByKey(scores: readonly Uint8Array[], count: number): Map<string, Uint32Array> {
  const positions = new Map<string, number[]>();
  for (let i = 0; i < count; i++) {
    const key = scores.map((axis) => axis[i]).join('');
    const list = positions.get(key);
    if (list) list.push(i);
    else positions.set(key, [i]);
  }
  return new Map([...positions].toSorted(byKey).map(([key, list]) => [key, Uint32Array.from(list)]));
}

function membersByKey(scores: readonly Uint8Array[], rows: Uint32Array): [string, Uint32Array][] {
  return [...positionsByKey(scores, rows.length)].map(([key, list]) => [key, list.map((i) => rows[i]!)]);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

/** The sum of a customer's scores times their weights, in the order of the axes. */
export function scoreSum(axes: readonly Pick<FittedAxis, 'weight'>[], scores: ArrayLike<number>): number {
  return axes.reduce((sum, { weight }, j) => sum + weight * scores[j]!, 0);
}

/** Everything that follows from the scores on each axis, in the order of the axes. */
export function combineScores(fitted: FittedRfm, found: readonly Uint8Array[]): RfmScores {
  const { axes, score, tiers } = fitted;
  const weights = axes.reduce((sum, { weight }) => sum + weight, 0);
  const count = found[0]?.length ?? 0;
  const sum = new Float64Array(count);
  const digits = new Float64Array(count);
  for (const [j, { weight }] of axes.entries()) {
    for (let i = 0; i < count; i++) {
      sum[i]! += weight * found[j]![i]!;
      digits[i] = 10 * digits[i]! + found[j]![i]!;
    }
  }
  const byAxis = Object.fromEntries(axes.map(({ axis }, j) => [axis, found[j]!]));
  const combined = score === 'digits' ? digits : score === 'sum' ? sum : sum.map((total) => total / weights);
  const tier = tiers && Uint8Array.from({ length: count }, (_, i) => tiers.cuts.filter((cut) => sum[i]! > cut).length);
  return { byAxis, value: valueOf(fitted, byAxis), sum, combined, tier };
}

function valueOf({ valueAxis }: FittedRfm, { frequency, monetary }: RfmScores['byAxis']): Float64Array {
  const other = valueAxis === 'frequency' ? frequency : (monetary ?? frequency);
  const mean = Float64Array.from({ length: frequency?.length ?? 0 }, (_, i) => (frequency![i]! + other![i]!) / 2);
  return valueAxis === 'rounded_mean' ? mean.map((value) => Math.floor(value + 0.5)) : mean;
}
