import type { EChartsOption } from 'echarts';
import { short } from '../format.ts';
import type { KPoint, NightFigures } from '../night.ts';
import { plainOption, quietAxis, textSize, type Chart } from './chart.ts';
import type { ChartSpace } from './theme.ts';

type Curve = Pick<NightFigures, 'k_curve' | 'k' | 'k_from'>;

const ofSample = ' Both are of a sample; segtag tune weighs all customers.';

/** How other numbers of clusters would fit, with the one in use marked; null where nothing was fitted. */
export function elbowAndSilhouette(curve: Curve, { isOfAll = false } = {}): Chart | null {
  const points = curve.k_curve ?? [];
  const { k } = curve;
  if (k === null || points.length < 2) return null;
  return {
    id: 'number-of-clusters',
    title: `Why ${k} clusters`,
    description: `${reasonFor(curve, points)} Above, how well the clusters lie apart (silhouette, at most 1: higher is better); below, how far customers are from the middle of their cluster (inertia): where the line bends, more clusters help little.${isOfAll ? '' : ofSample}`,
    table: {
      id: 'number-of-clusters',
      title: 'Silhouette and inertia by number of clusters',
      columns: [
        { title: 'Clusters', kind: 'text' },
        { title: 'Silhouette', kind: 'measure' },
        { title: 'Inertia', kind: 'measure' },
      ],
      rows: points.map((point) => [`${point.k}${point.k === k ? ' (in use)' : ''}`, point.silhouette, point.inertia]),
    },
    height: () => 360,
    option: (space) => optionOf(points, k, space),
  };
}

function reasonFor({ k, k_from: from }: Curve, points: readonly KPoint[]): string {
  const known = points.filter(({ silhouette }) => silhouette !== null);
  const best = known.toSorted((a, b) => b.silhouette! - a.silhouette! || a.k - b.k)[0];
  const who = from === 'auto' ? `The job leaves the number open, and ${k} is in use.` : `The job asks for ${k}.`;
  if (!best) return who;
  if (best.k === k)
    return `${who} Of ${points[0]!.k} to ${points.at(-1)!.k}, it also has the highest silhouette (${best.silhouette!.toFixed(2)}).`;
  const own = known.find((point) => point.k === k);
  const here = own ? `, ${own.silhouette!.toFixed(2)} at ${k}` : '';
  return `${who} The silhouette alone is highest at ${best.k} (${best.silhouette!.toFixed(2)}${here}).`;
}

function optionOf(points: readonly KPoint[], k: number, space: ChartSpace): EChartsOption {
  const { theme } = space;
  const axis = quietAxis(space);
  const ks = points.map((point) => String(point.k));
  const x = { ...axis, type: 'category', data: ks, boundaryGap: true } as const;
  const place = { left: 62, right: 24, height: 116 };
  const line = (index: number, valueOf: (point: KPoint) => number | null, dashed: boolean): object => ({
    type: 'line',
    silent: true,
    xAxisIndex: index,
    yAxisIndex: index,
    symbol: dashed ? 'rect' : 'circle',
    symbolSize: 7,
    lineStyle: { color: theme.accent, width: 2, type: dashed ? 'dashed' : 'solid' },
    itemStyle: { color: theme.accent },
    data: points.map((point) => ({ value: valueOf(point), ...(point.k === k ? { symbolSize: 15 } : {}) })),
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: theme.quiet, type: 'dotted' },
      label: { formatter: index === 0 ? `${k} in use` : '', color: theme.ink, fontSize: textSize },
      data: [{ xAxis: String(k) }],
    },
  });
  return {
    ...plainOption(space),
    grid: [
      { ...place, top: 40 },
      { ...place, top: 198 },
    ],
    xAxis: [
      { ...x, gridIndex: 0, axisLabel: { show: false } },
      { ...x, gridIndex: 1, name: 'Number of clusters', nameLocation: 'middle', nameGap: 28 },
    ],
    yAxis: [
      { ...axis, type: 'value', gridIndex: 0, scale: true, splitNumber: 3, ...nameOfAxis('Silhouette', theme.quiet) },
      {
        ...axis,
        type: 'value',
        gridIndex: 1,
        min: 0,
        splitNumber: 3,
        ...nameOfAxis('Inertia', theme.quiet),
        axisLabel: { ...axis.axisLabel, formatter: (value: number) => short(value) },
      },
    ],
    series: [line(0, ({ silhouette }) => silhouette, false), line(1, ({ inertia }) => inertia, true)] as never,
  };
}

function nameOfAxis(name: string, color: string): object {
  return { name, nameTextStyle: { color, fontSize: textSize, align: 'left', padding: [0, 0, 0, -50] } };
}
