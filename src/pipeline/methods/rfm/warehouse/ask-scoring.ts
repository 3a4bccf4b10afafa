import { edgesFrom, placesOf, type Edge } from '../../../../analysis/rfm/edges.ts';
import {
  fittedAxis,
  fittedRfm,
  scoreSum,
  tiersFrom,
  type FittedAxis,
  type FittedRfm,
} from '../../../../analysis/rfm/scoring.ts';
import { countDigits, orderWithin, type ScoredRows } from '../../../../analysis/sql/compute/scores.ts';
import { columnOf } from '../../../../frame/frame.ts';
import { idAt } from '../../../../frame/id.ts';
import type { RfmSettings } from '../../../../job/rfm/settings.ts';
import type { Questions } from '../../warehouse/questions.ts';

/** Customers of the same scores so far. */
type Group = { readonly digits: number; readonly count: number };

type Scoring = { readonly settings: RfmSettings; readonly count: number };

/** Finds the edges of each axis, and of the tiers, as `fitRfm` does: order statistics come back. */
export async function askScoring(
  questions: Questions,
  rows: ScoredRows,
  { settings, count }: Scoring,
): Promise<FittedRfm> {
  const axes: FittedAxis[] = [];
  for (const axis of settings.axes) {
    const nested = settings.binning === 'nested' && axes.length > 0;
    const ofAll = await askEdges(questions, rows, { axis, before: [], groups: [{ digits: 0, count }], settings });
    const groups = nested ? await askGroups(questions, rows, axes) : [];
    const within = nested ? await askEdges(questions, rows, { axis, before: axes, groups, settings }) : [];
    const edges = Object.fromEntries([
      ['', ofAll[0]!],
      ...groups.map(({ digits }, i) => [digits, within[i]!] as const),
    ]);
    axes.push(fittedAxis(settings, axis, edges));
  }
  const untiered = fittedRfm(settings, axes, null);
  if (!settings.tiers) return untiered;
  return fittedRfm(settings, axes, tiersFrom(settings.tiers, sumsOf(await askGroups(questions, rows, axes), axes)));
}

type AskedAxis = {
  readonly axis: RfmSettings['axes'][number];
  readonly before: readonly FittedAxis[];
  readonly groups: readonly Group[];
  readonly settings: RfmSettings;
};

/** The edges within each group, in their order. */
async function askEdges(
  questions: Questions,
  rows: ScoredRows,
  { axis, before, groups, settings }: AskedAxis,
): Promise<Edge[][]> {
  const { column, cut } = axis;
  const asked = groups.map(({ digits, count }) => {
    const ranks = [...new Set(placesOf(cut, count))].map((place) => place + 1).sort((a, b) => a - b);
    return { digits, ranks };
  });
  const found = new Map<string, { readonly value: number; readonly id: string }>();
  if (asked.some(({ ranks }) => ranks.length > 0)) {
    const frame = await questions.customers(orderWithin(rows, { column, before, groups: asked }));
    const number = (name: string): Float64Array => columnOf(frame, name, 'number').values;
    const [digits, rn, v] = [number('digits'), number('rn'), number('v')];
    const ids = columnOf(frame, rows.customerId, 'id');
    for (let row = 0; row < frame.rowCount; row++)
      found.set(`${digits[row]} ${rn[row]! - 1}`, { value: v[row]!, id: idAt(ids, row) });
  }
  return groups.map((group, i) => {
    const values: { length: number; [place: number]: number } = { length: group.count };
    for (const rank of asked[i]!.ranks) values[rank - 1] = found.get(`${group.digits} ${rank - 1}`)!.value;
    const idOf = (place: number): string => found.get(`${group.digits} ${place}`)!.id;
    return edgesFrom(column, { values, idOf }, cut, settings.compat === 'r-rfm');
  });
}

/** How many customers have each combination of scores on these axes, ascending. */
async function askGroups(questions: Questions, rows: ScoredRows, axes: readonly FittedAxis[]): Promise<Group[]> {
  const counted = await questions.numbers(countDigits(rows, axes));
  return counted.map(({ digits, n }) => ({ digits: digits!, count: n! })).sort((a, b) => a.digits - b.digits);
}

/** The customers' sums of scores in ascending order. */
function sumsOf(groups: readonly Group[], axes: readonly FittedAxis[]): Float64Array {
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const sums = new Float64Array(total);
  const bySum = groups
    .map(({ digits, count }) => ({ sum: scoreSum(axes, [...String(digits)].map(Number)), count }))
    .sort((a, b) => a.sum - b.sum);
  let at = 0;
  for (const { sum, count } of bySum) sums.fill(sum, at, (at += count));
  return sums;
}
