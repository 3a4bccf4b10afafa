import { finiteNumbers } from '../../frame/rows.ts';
import type { Column } from '../../frame/column.ts';
import type { ProfileOperand, ProfilePredicate } from '../../job/expression/expression.ts';
import type { Label } from '../../job/schema.ts';
import { degreeAt } from '../expression/degree.ts';
import { matchRows } from '../expression/match-rows.ts';
import { columnNamed, type NumericColumn } from '../matrix.ts';
import { percentileRank } from '../profile.ts';
import { meanAndSd, quantile, sortedCopy } from '../quantile.ts';
import { axesOf, prototypeDegree } from './degrees.ts';

export type MemberInput = {
  /** The number columns that labels name. */
  readonly columns: readonly NumericColumn[];
  /** All columns of the customers, for `share(…)`. */
  readonly customers: ReadonlyMap<string, Column>;
  /** A cluster number per customer, -1 for one in no cluster. */
  readonly clusterOf: Int32Array;
  /** Per cluster the slug of its label, or null. */
  readonly segments: readonly (string | null)[];
  /** Those that can name a cluster. */
  readonly labels: readonly Label[];
  readonly minDegree: number;
  /** Customers looked at, evenly spaced over the rows; all where there are fewer. */
  readonly sample?: number;
};

export type MemberAgreement = {
  /** Per cluster the share of its customers that satisfy its label themselves; null without customers or label. */
  readonly purity: readonly (number | null)[];
  /** How many customers of a segment would get which one, were each labelled alone; most customers first. */
  readonly plain: readonly { readonly segment: string; readonly plain: string | null; readonly customers: number }[];
  /** How many customers were looked at. */
  readonly customers: number;
};

/**
 * Holds every customer against the labels as if it were a cluster of its own: a statistic of a column
 * is its value, `pct` its percentile, `share(…)` 1 or 0; ranks and shares of the whole have no
 * counterpart and are left out. Purity counts degrees of at least `minDegree`; the plain label is the
 * one with the highest degree, the first of the job at a tie, none below `minDegree`.
 */
export function memberAgreement(input: MemberInput): MemberAgreement {
  const { clusterOf, labels, segments, minDegree, sample = 20_000 } = input;
  const population = sortedColumns(input.columns);
  const percentileOf = percentiles(input.columns, population);
  const degreeOf = labels.map((label) => customerDegree(label, { ...input, population, percentileOf }));
  const labelOf = segments.map((segment) => labels.findIndex((label) => label.segment === segment));
  const sizes = segments.map(() => 0);
  const satisfied = segments.map(() => 0);
  const pairs = new Map<string, Map<string | null, number>>();
  const step = Math.max(1, Math.ceil(clusterOf.length / sample));
  let customers = 0;
  for (let row = 0; row < clusterOf.length; row += step) {
    const cluster = clusterOf[row]!;
    const segment = cluster < 0 ? null : segments[cluster]!;
    if (segment === null) continue;
    const degrees = degreeOf.map((degree) => degree(row));
    const highest = Math.max(...degrees);
    const plain = highest < minDegree ? null : labels[degrees.indexOf(highest)]!.segment;
    customers++;
    sizes[cluster]!++;
    if (degrees[labelOf[cluster]!]! >= minDegree) satisfied[cluster]!++;
    const ofSegment = pairs.get(segment) ?? new Map<string | null, number>();
    pairs.set(segment, ofSegment.set(plain, (ofSegment.get(plain) ?? 0) + 1));
  }
  return {
    purity: sizes.map((size, cluster) => (size === 0 ? null : satisfied[cluster]! / size)),
    plain: [...pairs]
      .flatMap(([segment, ofSegment]) => Array.from(ofSegment, ([plain, customers]) => ({ segment, plain, customers })))
      .sort((a, b) => b.customers - a.customers || compareKeys(a, b)),
    customers,
  };
}

type Pair = MemberAgreement['plain'][number];

function compareKeys(a: Pair, b: Pair): number {
  const [left, right] = [JSON.stringify([a.segment, a.plain]), JSON.stringify([b.segment, b.plain])];
  return left < right ? -1 : Number(left > right);
}

type Degree = (row: number) => number;

type Members = MemberInput & {
  /** The finite values of a column in ascending order: one copy, however many labels ask for it. */
  readonly population: (column: string) => Float64Array;
  /** The percentile of a customer's value in a column, looked for once, however many labels ask for it in a row. */
  readonly percentileOf: (column: string) => Degree;
};

function sortedColumns(columns: readonly NumericColumn[]): Members['population'] {
  const known = new Map<string, Float64Array>();
  return (column) => {
    const sorted = known.get(column) ?? sortedCopy(finiteNumbers(columnNamed(columns, column).values));
    known.set(column, sorted);
    return sorted;
  };
}

function customerDegree(label: Label, input: Members): Degree {
  const rule = label.when === undefined || label.when === 'outlier' ? null : forOneCustomer(label.when);
  const axes = axesOf(label).map(({ column, target }) => ({ percentile: input.percentileOf(column), target }));
  const figures = new Map<ProfileOperand, Degree>();
  const figureOf = (operand: ProfileOperand, row: number): number => {
    const figure = figures.get(operand) ?? customerFigure(operand, input);
    figures.set(operand, figure);
    return figure(row);
  };
  return (row) => {
    const ruled = rule === null ? 1 : degreeAt(rule, (operand) => figureOf(operand, row));
    return ruled * prototypeDegree(axes, ({ percentile }) => percentile(row));
  };
}

/** The condition without the parts that only a cluster has; null when nothing is left. */
function forOneCustomer(rule: ProfilePredicate): ProfilePredicate | null {
  switch (rule.kind) {
    case 'and':
    case 'or': {
      const parts = rule.parts.map(forOneCustomer).filter((part) => part !== null);
      return parts.length === 0 ? null : { kind: rule.kind, parts };
    }
    case 'not': {
      const part = forOneCustomer(rule.part);
      return part && { kind: 'not', part };
    }
    default:
      return rule.operand.kind === 'statistic' || rule.operand.kind === 'share' ? rule : null;
  }
}

function customerFigure(operand: ProfileOperand, input: Members): Degree {
  if (operand.kind === 'share') {
    const matches = matchRows(input.customers, operand.of, input.clusterOf.length);
    return (row) => matches[row]!;
  }
  if (operand.kind !== 'statistic') throw new Error(`one customer has no ${operand.kind}`);
  const { values } = columnNamed(input.columns, operand.column);
  switch (operand.statistic) {
    case 'pct':
      return input.percentileOf(operand.column);
    case 'index': {
      const median = quantile(input.population(operand.column), 0.5);
      return (row) => (median === 0 ? NaN : (100 * values[row]!) / median);
    }
    case 'z': {
      const { mean, sd } = meanAndSd(finiteNumbers(values));
      return (row) => (values[row]! - mean) / sd;
    }
    default:
      return (row) => values[row]!;
  }
}

function percentiles(columns: readonly NumericColumn[], population: Members['population']): Members['percentileOf'] {
  const known = new Map<string, Degree>();
  return (column) => {
    const degree = known.get(column) ?? percentilesIn(columnNamed(columns, column).values, population(column));
    known.set(column, degree);
    return degree;
  };
}

function percentilesIn(values: Float64Array, sorted: Float64Array): Degree {
  const groups = [sorted];
  let last = NaN;
  let percentile = NaN;
  return (row) => {
    const value = values[row]!;
    if (value !== last) {
      last = value;
      percentile = Number.isFinite(value) ? percentileRank(groups, value, sorted.length) : NaN;
    }
    return percentile;
  };
}
