import type { Cells, ScoreAxis, ScoreRange } from '../../job/rfm/table.ts';
import type { RfmModel } from '../model.ts';
import type { Edge } from '../rfm/edges.ts';
import type { ConditionOptions } from './condition.ts';
import { asBytes, numberLiteral, quoteName, textLiteral } from './dialect.ts';
import { fittedValue, slugLiteral, type Named, type SegmentParts } from './parts.ts';

export type RfmSqlOptions = ConditionOptions & { readonly customerId: string };

/** The segment of the first row of the table that takes the customer's scores, by the model's edges. */
export function rfmSegment(model: RfmModel, options: RfmSqlOptions): SegmentParts {
  const { axes, valueAxis } = model.scoring;
  const { dialect } = options;
  const clip = model.outlierAction === 'clip' ? model.fences : [];
  const values = axes.map(({ axis, column }) => ({ name: `segtag_${axis}`, sql: fittedValue(column, clip, dialect) }));
  const scores = axes.map((axis, j): Named[] => [
    { name: scoreName(axis.axis), sql: scoreCase(axis, axes.slice(0, j), options) },
  ]);
  const rows = model.table.map(
    ({ segment, cells }) =>
      `WHEN ${cells.map((cell) => cellSql(cell, valueAxis, axes)).join(' OR ')} THEN ${slugLiteral(segment)}`,
  );
  const unscored = axes.map(({ axis }) => `${scoreName(axis)} IS NULL`).join(' OR ');
  const table = `CASE WHEN ${unscored} THEN NULL ${rows.join(' ')} ELSE ${slugLiteral(model.otherwise)} END`;
  const segment =
    model.noPurchase === null
      ? table
      : `CASE WHEN ${withoutPurchase(model, options)} THEN ${slugLiteral(model.noPurchase)} ELSE ${table} END`;
  return { layers: [values, ...scores], segment };
}

type Axis = RfmModel['scoring']['axes'][number];

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

function withoutPurchase({ scoring }: RfmModel, { dialect }: RfmSqlOptions): string {
  return scoring.axes
    .filter(({ axis }) => axis !== 'monetary')
    .map(({ axis, column }) => {
      const name = quoteName(column, dialect);
      return axis === 'frequency' ? `${name} IS NULL OR ${name} <= 0` : `${name} IS NULL`;
    })
    .join(' OR ');
}
