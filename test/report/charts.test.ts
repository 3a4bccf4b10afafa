import { describe, expect, it } from 'vitest';
import type { Chart } from '../../src/report/charts/chart.ts';
import { segmentSizes } from '../../src/report/charts/sizes.ts';
import { pageTheme, type ChartSpace } from '../../src/report/charts/theme.ts';
import { contentOf } from '../../src/report/content.ts';
import { drawSvg } from '../../src/report/svg.ts';
import { sampleNight } from '../support/sample-night.ts';

const wide: ChartSpace = { theme: pageTheme, width: 960, isNarrow: false };
const narrow: ChartSpace = { theme: pageTheme, width: 430, isNarrow: true };

const charts = contentOf(sampleNight()).flatMap(({ parts }) =>
  parts.flatMap((part) => (part.kind === 'chart' ? [part.chart] : [])),
);

function chartOf(id: string): Chart {
  return charts.find((chart) => chart.id === id)!;
}

type Series = {
  readonly data: readonly { readonly value?: unknown; readonly itemStyle?: { readonly color?: string } }[];
  readonly links?: readonly { readonly source: string; readonly target: string; readonly value: number }[];
  readonly markLine?: { readonly data: readonly { readonly xAxis: unknown }[] };
};

function seriesOf(id: string, space = wide): readonly Series[] {
  return chartOf(id).option(space).series as unknown as readonly Series[];
}

function valuesOf({ data }: Series): unknown[] {
  return data.map((item) => item.value);
}

describe('the charts of a night', () => {
  it('are all there where the night has all data', () => {
    expect(charts.map(({ id }) => id)).toEqual([
      'size-and-value',
      'migration',
      'recency-and-value',
      'centroid-profile',
      'recency-and-frequency',
      'number-of-clusters',
      'by-month',
      'by-weekday-and-hour',
      'weekday-by-hour',
      'segment-sizes',
      'run-history',
    ]);
  });

  it('are absent where the night has no data for them', () => {
    const night = sampleNight();
    const bare = { ...night.summary, trends: [], moves: [], recommendations: null, rule_tag: null, tree: null };
    const valueless = bare.segments.map((segment) => ({ ...segment, value_share: null, profile: {} }));
    const sections = contentOf({ ...night, summary: { ...bare, segments: valueless }, figures: null });
    expect(sections.flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'chart'))).toEqual([]);
    expect(sections.map(({ id }) => id)).toEqual(['segments', 'soundness']);
  });

  it.each(charts.map((chart) => [chart.id, chart] as const))('%s is a pure function of night and space', (_, chart) => {
    for (const space of [wide, narrow])
      expect(JSON.stringify(chart.option(space))).toBe(JSON.stringify(chart.option(space)));
  });

  it.each(charts.map((chart) => [chart.id, chart] as const))(
    '%s is drawn within its borders, without ids of the process, styles or scripts',
    (_, chart) => {
      for (const space of [wide, narrow]) {
        const svg = drawSvg(chart, space).text;
        expect(drawSvg(chart, space).text).toBe(svg);
        expect(svg).not.toMatch(/zr\d|style=|<style|<script|ecmeta|class="(?!wide|narrow)|NaN|undefined/);
        for (const [, x, anchor, size, text] of texts(svg)) {
          const length = [...text!].length * Number(size) * 0.58;
          const left = Number(x) - (anchor === 'end' ? length : anchor === 'middle' ? length / 2 : 0);
          expect({ text, isInside: left > -6 && left + length < space.width + 6 }).toEqual({ text, isInside: true });
          expect(Number(size)).toBeGreaterThanOrEqual(11);
        }
      }
    },
  );

  it('size-and-value has the share of customers plain, and the share of value with a texture in the same colour', () => {
    const [customers, value] = seriesOf('size-and-value');
    expect(valuesOf(customers!)).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect(valuesOf(value!)).toEqual([0.6, 0.2, 0.15, 0.05]);
    const colours = (series: Series): unknown[] => series.data.map(({ itemStyle }) => itemStyle?.color);
    expect(colours(value!)).toEqual(colours(customers!));
    expect(value!.data.every(({ itemStyle }) => itemStyle && 'decal' in itemStyle)).toBe(true);
  });

  it('migration has movers only, none of those who stayed, entered or left', () => {
    const { links } = seriesOf('migration')[0]!;
    expect(links!.map(({ source, target, value }) => [source, target, value])).toEqual([
      ['from best', 'to odd', 7],
      ['from loyal', 'to best', 20],
      ['from odd', 'to far', 3],
    ]);
  });

  it('migration has a table with those who stayed, whose rows and columns add up', () => {
    const { rows } = chartOf('migration').table;
    const count = (cells: readonly unknown[]): number =>
      cells.reduce<number>((sum, cell) => sum + Number(cell ?? 0), 0);
    // Best: 100 now, of whom 20 came; 7 went from it.
    expect(rows[0]!.slice(1)).toEqual([80, null, 7, null, null]);
    for (const [place, customers] of [100, 200, 300, 400].entries())
      expect(count(rows.map((row) => row[place + 1]))).toBe(customers);
  });

  it('recency-and-value draws each dot once, outliers as crosses, and lines at one and two years', () => {
    const series = seriesOf('recency-and-value');
    expect(series.slice(0, 4).reduce((sum, { data }) => sum + data.length, 0)).toBe(40);
    expect(series[3]).toMatchObject({ symbol: expect.stringMatching(/^path:/) });
    expect(series.at(-1)!.markLine!.data.map(({ xAxis }) => xAxis)).toEqual([365, 730]);
    expect(chartOf('recency-and-value').description).toContain('40 of 1,000 customers');
  });

  it('number-of-clusters says from the figures why so many', () => {
    expect(chartOf('number-of-clusters').description).toContain(
      'The job asks for 4. The silhouette alone is highest at 3 (0.60, 0.50 at 4).',
    );
    const { figures } = sampleNight();
    const auto = contentOf(sampleNight({ figures: { ...figures!, k: 3, k_from: 'auto' } }));
    expect(JSON.stringify(auto)).toContain('it also has the highest silhouette');
  });

  it('weekday-by-hour has a field for every hour of each weekday, and says which is the busiest', () => {
    const chart = chartOf('weekday-by-hour');
    expect(chart.title).toContain('Tuesday at 11:00');
    expect(chart.table.rows).toEqual([
      ['09:00', 8, 0],
      ['10:00', 0, 0],
      ['11:00', 9, 10],
    ]);
    const fieldsIn = (space: ChartSpace): unknown[] =>
      valuesOf(seriesOf('weekday-by-hour', space)[0]!).map((value) => (value as number[]).slice(0, 3));
    // From the bottom up: Tuesday, Monday; and on a phone the last hour first, Monday on the left.
    expect(fieldsIn(wide)).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 10],
      [0, 1, 8],
      [1, 1, 0],
      [2, 1, 9],
    ]);
    expect(fieldsIn(narrow)).toEqual([
      [0, 0, 9],
      [1, 0, 10],
      [0, 1, 0],
      [1, 1, 0],
      [0, 2, 8],
      [1, 2, 0],
    ]);
  });

  it('segment-sizes has one night for each day whose tags the CRM had, and those that are no more', () => {
    const { legend, table, title } = chartOf('segment-sizes');
    expect(title).toBe('Segment sizes over 2 nights');
    expect(legend!.map(({ name, place }) => [place, name]).at(-1)).toEqual([4, 'Gone']);
    // The held night of the 29th is left out, and of the 28th the last run counts.
    expect(table.rows).toEqual([
      ['2026-06-30', 100, 200, 300, 400, 0],
      ['2026-06-28', 120, 240, 305, 20, 300],
    ]);
    const sizes = seriesOf('segment-sizes').map(({ data }) => data[0]);
    expect(sizes).toEqual([120, 240, 305, 20, 300]);
  });

  it('segment-sizes sets the marks of thin bands apart, inside the chart', () => {
    const { summary, figures } = sampleNight();
    const segments = Array.from({ length: 14 }, (_, i) => ({
      ...summary.segments[0]!,
      segment: `s${i}`,
      customers: i === 6 ? 5000 : 1 + i,
    }));
    const history = [{ ...figures!.history[1]!, customers: { s0: 100 } }];
    const thin = { figures: { ...figures!, history }, summary: { ...summary, segments } };
    const chart = segmentSizes(sampleNight(thin))!;
    const svg = drawSvg(chart, wide).text;
    const marks = [...texts(svg)].filter(([element]) => element!.includes('font-weight="bold"'));
    expect(marks.map(([, , , , text]) => text)).toEqual(segments.map((_, i) => String(i + 1)));
    const heights = marks.map(([element]) => Number(/translate\(-?[\d.]+ (-?[\d.]+)\)/.exec(element!)![1]));
    for (const [i, height] of heights.entries()) {
      expect(height).toBeLessThan(chart.height(wide) - 10);
      expect(height - (heights[i - 1] ?? -22)).toBeGreaterThan(21.9);
    }
  });

  it('segment-sizes is absent where there is one night only', () => {
    const { figures } = sampleNight();
    expect(segmentSizes(sampleNight({ figures: { ...figures!, history: figures!.history.slice(0, 1) } }))).toBeNull();
  });

  it('centroid-profile moves numbers apart that would lie on one another', () => {
    const { summary } = sampleNight();
    const same = summary.segments.map((segment) => ({ ...segment, profile: summary.segments[0]!.profile }));
    const sections = contentOf(sampleNight({ summary: { ...summary, segments: same } }));
    const parts = sections.flatMap(({ parts }) => parts);
    const part = parts.find((each) => each.kind === 'chart' && each.chart.id === 'centroid-profile');
    const { chart } = part as { readonly chart: Chart };
    for (const space of [wide, narrow]) {
      const series = chart.option(space).series as unknown as { readonly data: readonly (readonly number[])[] }[];
      const rows = series.map(({ data }) => data[0]![1]!).toSorted((a, b) => a - b);
      const pixels = (chart.height(space) - 44) / 4;
      for (let i = 1; i < rows.length; i++) expect((rows[i]! - rows[i - 1]!) * pixels).toBeGreaterThan(19);
    }
  });
});

function* texts(svg: string): Generator<RegExpMatchArray> {
  for (const [element] of svg.matchAll(/<text [^>]*>[^<]*<\/text>/g)) {
    const x =
      Number(/ transform="translate\((-?[\d.]+)/.exec(element)?.[1] ?? 0) +
      Number(/ x="([^"]*)"/.exec(element)?.[1] ?? 0);
    const anchor = / text-anchor="([^"]*)"/.exec(element)?.[1] ?? 'start';
    const size = / font-size="([\d.]+)/.exec(element)?.[1] ?? '13';
    const text = />([^<]*)</.exec(element)![1]!.replaceAll(/&[a-z#\d]+;/g, '?');
    yield [element, String(x), anchor, size, text];
  }
}
