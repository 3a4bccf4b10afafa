import type { Distribution } from '../../../analysis/distribution.ts';
import type { Bounds } from '../../../analysis/quantile.ts';
import { quantile } from '../../../analysis/quantile.ts';
import {
  deviationsFrom,
  orderStatistics,
  squaresAbout,
  sumOf,
  type ValueQuery,
} from '../../../analysis/sql/compute/distributions.ts';
import type { Questions } from './questions.ts';

/** What will be asked of a distribution: nothing else can be answered. */
export type Wanted = {
  readonly quantiles: readonly number[];
  /** Mean and sd of the values moved to these bounds, which may follow from the quantiles. */
  readonly moments?: (quantile: Distribution['quantile']) => Bounds | undefined;
  readonly mad?: boolean;
};

export type AskedValues = {
  readonly count: number;
  readonly values: ValueQuery;
  /** What the values are made from, by a function that keeps their order and is computed here, to the last bit. */
  readonly source?: { readonly values: ValueQuery; readonly transform: (value: number) => number };
};

/** The distribution of values in the warehouse: order statistics, which are interpolated here, and sums. */
export async function askDistribution(questions: Questions, asked: AskedValues, wanted: Wanted): Promise<Distribution> {
  const { count, values } = asked;
  const medians = wanted.mad ? [0.5] : [];
  const quantileOf = await askQuantiles(questions, asked, [...wanted.quantiles, ...medians]);
  const bounds = wanted.moments?.(quantileOf);
  const moments = wanted.moments && count > 0 ? await askMoments(questions, values, count, bounds) : undefined;
  const mad = wanted.mad ? await askMad(questions, { count, values }, quantileOf(0.5)) : undefined;
  return {
    count,
    quantile: quantileOf,
    meanAndSd: () => moments ?? notAsked(),
    medianAndMad: () => mad ?? notAsked(),
  };
}

async function askQuantiles(
  questions: Questions,
  { count, values, source }: AskedValues,
  wanted: readonly number[],
): Promise<Distribution['quantile']> {
  const places = wanted.flatMap((p) => [Math.floor((count - 1) * p), Math.ceil((count - 1) * p)]);
  const ranks = [...new Set(places.map((place) => place + 1))].sort((a, b) => a - b);
  const sorted: { length: number; [place: number]: number } = { length: count };
  if (count > 0 && ranks.length > 0) {
    const rows = await questions.numbers(orderStatistics(source?.values ?? values, ranks));
    for (const { rn, v } of rows) sorted[rn! - 1] = source ? source.transform(v!) : v!;
  }
  return (p) => quantile(sorted, p);
}

async function askMoments(
  questions: Questions,
  values: ValueQuery,
  count: number,
  bounds: Bounds | undefined,
): Promise<{ mean: number; sd: number }> {
  const totalOf = async (sql: string): Promise<number> => (await questions.numbers(sql))[0]?.['total'] ?? NaN;
  const mean = (await totalOf(sumOf(values, bounds))) / count;
  return { mean, sd: Math.sqrt((await totalOf(squaresAbout(values, mean, bounds))) / count) };
}

async function askMad(
  questions: Questions,
  { count, values }: AskedValues,
  median: number,
): Promise<{ median: number; mad: number }> {
  const deviations = { count, values: deviationsFrom(values, median) };
  return { median, mad: (await askQuantiles(questions, deviations, [0.5]))(0.5) };
}

function notAsked(): never {
  throw new Error('the warehouse was not asked for this figure');
}
