import type { Cells, ScoreAxis, ScoreRange } from '../../job/rfm/table.ts';
import type { Fence, RfmModel } from '../model.ts';
import type { Edge } from '../rfm/edges.ts';
import type { FittedAxis } from '../rfm/scoring.ts';
import type { ConditionOptions } from './condition.ts';
import { asBytes, numberLiteral, quoteName, textLiteral } from './dialect.ts';
import { fittedValue, slugLiteral, type Named, type SegmentParts } from './parts.ts';

export type RfmSqlOptions = ConditionOptions & { readonly customerId: string };

/** What of a model decides about a customer's scores and row of the table. */
type Scoring = Pick<RfmModel, 'scoring' | 'table' | 'fences' | 'outlierAction'>;

/** The segment of the first row of the table that takes the customer's scores, by the model's edges. */
export function rfmSegment(model: RfmModel, options: RfmSqlOptions): SegmentParts {
  const row = tableCase(model, (at) => slugLiteral(model.table[at]!.segment), slugLiteral(model.otherwise));
  const segment =
    model.noPurchase === null
      ? row
      : `CASE WHEN ${withoutPurchase(model.scoring.axes, options)} THEN ${slugLiteral(model.noPurchase)} ELSE ${row} END`;
  return { layers: scoreLayers(model.scoring.axes, clipOf(model), options), segment };
}

/** The scores as digits, and before them the number from 1 of the row that takes them, 0 for none: 3543 is row 3. */
export function rfmRowAndDigits(model: Scoring, options: RfmSqlOptions): SegmentParts {
  const { axes } = model.scoring;
  const row = tableCase(model, (at) => String(at + 1), '0');
  return {
    layers: scoreLayers(axes, clipOf(model), options),
    segment: `(${row}) * ${10 ** axes.length} + ${digitsOf(axes)}`,
  };
}

/** The scores on these axes as the digits of one number. */
export function digitsOf(axes: readonly Axis[]): string {
  return axes.map(({ axis }, i) => `${scoreName(axis)} * ${10 ** (axes.length - 1 - i)}`).join(' + ') || '0';
}

/** The values and scores of the axes, each named after its axis. */
export function scoreLayers(axes: readonly Axis[], clip: readonly Fence[], options: RfmSqlOptions): Named[][] {
  const values = axes.map(({ axis, column }) => ({
    name: `segtag_${axis}`,
    sql: fittedValue(column, clip, options.dialect),
  }));
  const scores = axes.map((axis, j): Named[] => [
    { name: scoreName(axis.axis), sql: scoreCase(axis, axes.slice(0, j), options) },
  ]);
  return axes.length === 0 ? [] : [values, ...scores];
}

function tableCase({ scoring, table }: Scoring, ofRow: (at: number) => string, otherwise: string): string {
  const { axes, valueAxis } = scoring;
  const rows = table.map(
    ({ cells }, at) => `WHEN ${cells.map((cell) => cellSql(cell, valueAxis, axes)).join(' OR ')} THEN ${ofRow(at)}`,
  );
  const unscored = axes.map(({ axis }) => `${scoreName(axis)} IS NULL`).join(' OR ');
  return `CASE WHEN ${unscored} THEN NULL ${rows.join(' ')} ELSE ${otherwise} END`;
}

function clipOf({ outlierAction, fences }: Scoring): readonly Fence[] {
  return outlierAction === 'clip' ? fences : [];
}

type Axis = FittedAxis;

function scoreName(axis: string): string {
  return `segtag_${axis}_score`;
}

/** The score by the edges for the scores before it; in the end by those of all customers. */
function scoreCase(axis: Axis, before: readonly Axis[], options: RfmSqlOptions): string {
  const nested = Object.entries(axis.edges).filter(([key]) => key !== '');
  const everybody = ladder(axis, axis.edges['']!, options);
  if (nested.length === 0) return everybody;
  const branches = nested.map(([key, edges]) => {
    const scores = before.map((of, i) => `${scoreName(of.axis)} = ${key.charAt(i)}`);
    return `WHEN ${scores.join(' AND ')} THEN ${ladder(axis, edges, options)}`;
  });
  return `CASE ${branches.join(' ')} ELSE ${everybody} END`;
}

function ladder({ axis, better, bins, atEdge }: Axis, edges: readonly Edge[], options: RfmSqlOptions): string {
  const { dialect, customerId } = options;
  const value = `segtag_${axis}`;
  const score = (bin: number): number => (better === 'low' ? bins - bin : bin + 1);
  const branches = edges.map((edge, bin) => {
    const limit = numberLiteral(edge.value);
    const id = asBytes(quoteName(customerId, dialect), dialect);
    const below =
      edge.id === null
        ? `${value} ${atEdge === 'below' ? '<=' : '<'} ${limit}`
        : `(${value} < ${limit} OR (${value} = ${limit} AND ${id} <= ${asBytes(textLiteral(edge.id, dialect), dialect)}))`;
    return `WHEN ${below} THEN ${score(bin)}`;
  });
  return `CASE WHEN ${value} IS NULL THEN NULL ${branches.join(' ')} ELSE ${score(edges.length)} END`;
}

function cellSql(cell: Cells, valueAxis: RfmModel['scoring']['valueAxis'], axes: readonly Axis[]): string {
  const ranges = Object.entries(cell) as [ScoreAxis, readonly ScoreRange[]][];
  const conditions = ranges.map(([axis, allowed]) => {
    if (axis === 'value') return `(${allowed.map((range) => valueSql(range, valueAxis, axes)).join(' OR ')})`;
    if (!axes.some((known) => known.axis === axis)) return '1 = 0';
    return `(${allowed.map(([low, high]) => `${scoreName(axis)} BETWEEN ${low} AND ${high}`).join(' OR ')})`;
  });
  return conditions.length === 0 ? '(1 = 1)' : `(${conditions.join(' AND ')})`;
}

/** Twice the mean is a whole number, so no engine has to divide or to round. */
function valueSql([low, high]: ScoreRange, valueAxis: RfmModel['scoring']['valueAxis'], axes: readonly Axis[]): string {
  const frequency = scoreName('frequency');
  if (valueAxis === 'frequency') return `${frequency} BETWEEN ${low} AND ${high}`;
  const other = axes.some(({ axis }) => axis === 'monetary') ? scoreName('monetary') : frequency;
  const [from, to] = valueAxis === 'mean' ? [2 * low, 2 * high] : [2 * low - 1, 2 * high];
  return `${frequency} + ${other} BETWEEN ${from} AND ${to}`;
}

/** True for a customer without an order: there is no recency, and no or zero frequency. */
export function withoutPurchase(
  axes: readonly Pick<Axis, 'axis' | 'column'>[],
  { dialect }: Pick<RfmSqlOptions, 'dialect'>,
): string {
  return axes
    .filter(({ axis }) => axis !== 'monetary')
    .map(({ axis, column }) => {
      const name = quoteName(column, dialect);
      return axis === 'frequency' ? `${name} IS NULL OR ${name} <= 0` : `${name} IS NULL`;
    })
    .join(' OR ');
}
