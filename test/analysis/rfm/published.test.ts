import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { firstRows } from '../../../src/analysis/rfm/segment-table.ts';
import { presets, type PresetName } from '../../../src/job/rfm/presets.ts';
import { dataIsThere, readJson } from '../golden.ts';
import { pymcTable, scored, type Rfm, type Scored } from './fixtures.ts';

/** The lines of a CSV file as text by column; fields may stand in quotes. */
function readRows(path: string): Record<string, string>[] {
  const text = gunzipSync(readFileSync(`../shared/data/${path}`))
    .toString()
    .trim();
  const [header = [], ...lines] = text.split('\n').map(fieldsOf);
  return lines.map((fields) => Object.fromEntries(header.map((name, i) => [name, fields[i] ?? ''])));
}

function fieldsOf(line: string): string[] {
  return [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map(([, plain, quoted]) => quoted ?? plain ?? '').slice(0, -1);
}

type Customers = Rfm & { readonly ids: readonly string[]; readonly rows: readonly Record<string, string>[] };

function customersOf(
  rows: readonly Record<string, string>[],
  columns: readonly [string, string, string, string],
): Customers {
  const [id, recency, frequency, monetary] = columns;
  const sorted = rows.toSorted((a, b) => Buffer.compare(Buffer.from(a[id]!), Buffer.from(b[id]!)));
  const numbers = (name: string): number[] => sorted.map((row) => Number(row[name]));
  return {
    ids: sorted.map((row) => row[id]!),
    rows: sorted,
    recency: numbers(recency),
    frequency: numbers(frequency),
    monetary: numbers(monetary),
  };
}

function score({ ids, recency, frequency, monetary }: Customers, written: Record<string, unknown>): Scored {
  return scored({ recency, frequency, monetary }, written, ids);
}

function countsOf(values: Iterable<string | number | null>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

function named(preset: PresetName, segments: readonly (string | null)[]): string[] {
  const names = new Map(presets[preset].labels.map(({ segment, name }) => [segment, name]));
  return segments.map((segment) => names.get(segment ?? '') ?? String(segment));
}

/** Customers, orders, revenue and revenue per order of each segment. */
function segmentTable({ rows }: Customers, names: readonly string[]): Record<string, number[]> {
  const sums: Record<string, [number, number, number]> = {};
  for (const [i, name] of names.entries()) {
    const of = (sums[name] ??= [0, 0, 0]);
    of[0] += 1;
    of[1] += Number(rows[i]!['transaction_count']);
    of[2] += Number(rows[i]!['amount']);
  }
  return Object.fromEntries(
    Object.entries(sums).map(([name, [n, orders, revenue]]) => [
      name,
      [n, orders, revenue, Math.round((100 * revenue) / orders) / 100],
    ]),
  );
}

type Golden = {
  r_rfm: {
    cases: Record<
      string,
      Rfm & Record<'bins5' | 'bins4' | 'bins3', { edges?: Record<'r' | 'f' | 'm', number[]>; rfm: number[] }>
    >;
    mtcars_mpg_bins5: number[];
    rfm_data_orders_2006_12_31: {
      edges: Record<'r' | 'f' | 'm', number[]>;
      score_counts: Record<'r' | 'f' | 'm', Record<string, number>>;
      heatmap_sum: number;
      readme_table: Record<string, number[]>;
      testthat_table: Record<string, number[]>;
      pymc_default: Record<'r_edges' | 'f_edges' | 'm_edges', number[]> & { segments: Record<string, number> };
      rf11_partition: Record<string, number>;
    };
  };
};
type Targets = {
  orders: Record<string, Record<string, number[]>> & {
    custom_thresholds_115_181_297_482__4_5_6_8__256_382_506_666: Record<string, number[]> & { sum_rfm_score: number };
  };
};

function binsWritten(bins: number, preset: string): Record<string, unknown> {
  const axes = ['recency', 'frequency', 'monetary'].map((column) => [column, { column, bins }]);
  return { preset, ...Object.fromEntries(axes) };
}

function edgesOf({ fitted }: Scored): number[][] {
  return fitted.axes.map(({ edges }) => edges['']!.map(({ value }) => value));
}

const golden = dataIsThere ? readJson<Golden>('golden/analysis.json').r_rfm : undefined;
const columns = ['customer_id', 'recency_days', 'transaction_count', 'amount'] as const;

describe.skipIf(!dataIsThere)('the preset r-rfm', () => {
  const cases = Object.entries(golden?.cases ?? {}).flatMap(([name, { recency, frequency, monetary, ...of }]) =>
    ([5, 4, 3] as const).map((bins) => [name, bins, { recency, frequency, monetary }, of[`bins${bins}`]] as const),
  );
  it.each(cases)('scores "%s" in %i bins as R does', (_, bins, values, expected) => {
    const found = scored(values, binsWritten(bins, 'r-rfm'));
    expect(found.digits).toEqual(expected.rfm);
    if (!expected.edges) return;
    const { r, f, m } = expected.edges;
    expect(edgesOf(found).map((edges) => edges.map((edge) => edge.toFixed(9)))).toEqual(
      [r, f, m].map((edges) => edges.map((edge) => edge.toFixed(9))),
    );
  });

  it('cuts the miles per gallon of mtcars where R does', () => {
    const monetary = [
      21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4,
      33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4,
    ];
    const same = monetary.map(() => 1);
    const found = scored({ recency: same, frequency: same, monetary }, { preset: 'r-rfm' });
    expect(edgesOf(found)[2]!.map((edge) => Number(edge.toFixed(6)))).toEqual(golden!.mtcars_mpg_bins5);
  });

  it.each([
    ['r-rfm', 'segment_v030', 'segments_v030', 'readme_table'],
    ['r-rfm-0.2', 'segment_v020', 'segments_v020', 'testthat_table'],
  ] as const)(
    'has R’s scores and segments for each customer of its orders: %s',
    (preset, column, table, goldenTable) => {
      const customers = customersOf(readRows('rfm-r/expected/orders_scores.csv.gz'), columns);
      const found = score(customers, { preset });
      expect(customers.rows).toHaveLength(995);
      expect(found.digits).toEqual(customers.rows.map((row) => Number(row['rfm_score'])));
      expect([...found.scores.combined]).toEqual(found.digits);
      const names = named(preset, found.segments);
      expect(names).toEqual(customers.rows.map((row) => row[column]));
      const { orders } = readJson<Targets>('rfm-r/expected/targets.json');
      expect(orders[table]).toMatchObject(segmentTable(customers, names));
      const expected = golden!.rfm_data_orders_2006_12_31;
      expect(segmentTable(customers, names)).toEqual(expected[goldenTable]);
      expect(edgesOf(found).map((edges) => edges.map((edge) => Number(edge.toFixed(9))))).toEqual(
        (['r', 'f', 'm'] as const).map((axis) => expected.edges[axis]),
      );
      const { recency, frequency, monetary } = found.scores.byAxis;
      expect({ r: countsOf(recency!), f: countsOf(frequency!), m: countsOf(monetary!) }).toEqual(expected.score_counts);
      expect(heatmapSum(customers, found)).toBeCloseTo(expected.heatmap_sum, 2);
    },
  );

  it('takes cut points of one’s own as R does', () => {
    const customers = customersOf(readRows('rfm-r/expected/orders_scores.csv.gz'), columns);
    const found = score(customers, {
      preset: 'r-rfm',
      recency: { column: 'recency', cuts: [115, 181, 297, 482] },
      frequency: { column: 'frequency', cuts: [4, 5, 6, 8] },
      monetary: { column: 'monetary', cuts: [256, 382, 506, 666] },
    });
    const { custom_thresholds_115_181_297_482__4_5_6_8__256_382_506_666: expected } =
      readJson<Targets>('rfm-r/expected/targets.json').orders;
    const { recency, frequency, monetary } = found.scores.byAxis;
    for (const [axis, scores] of Object.entries({ recency, frequency, monetary })) {
      expect([1, 2, 3, 4, 5].map((score) => countsOf(scores!)[score])).toEqual(expected[axis]);
    }
    expect(found.digits.reduce((sum, digits) => sum + digits, 0)).toBe(expected.sum_rfm_score);
  });
});

/** The mean amount of every cell of recency and frequency, summed. */
function heatmapSum({ monetary }: Customers, { digits }: Scored): number {
  const cells = new Map<number, number[]>();
  for (const [i, digit] of digits.entries()) {
    const cell = Math.floor(digit / 10);
    cells.set(cell, [...(cells.get(cell) ?? []), monetary[i]!]);
  }
  return [...cells.values()].reduce((sum, of) => sum + of.reduce((a, b) => a + b, 0) / of.length, 0);
}

describe.skipIf(!dataIsThere)('the preset segtag', () => {
  it('has a table that cuts R’s scores into eleven parts by recency and frequency', () => {
    const customers = customersOf(readRows('rfm-r/expected/orders_scores.csv.gz'), columns);
    const { scores } = score(customers, { preset: 'r-rfm', value_axis: 'frequency' });
    const { table } = presets.segtag;
    const slugs: Record<string, string> = {
      'Potential Loyalists': 'potential_loyalist',
      "Can't Lose Them": 'cant_lose_them',
    };
    const expected = Object.entries(golden!.rfm_data_orders_2006_12_31.rf11_partition).map(([name, count]) => [
      slugs[name] ?? name.toLowerCase().replaceAll(' ', '_'),
      count,
    ]);
    const segments = Array.from(firstRows(table, scores), (row) => table[row]!.segment);
    expect(countsOf(segments)).toEqual(Object.fromEntries(expected));
  });
});

describe.skipIf(!dataIsThere)('a table of one’s own', () => {
  it('gives the segments of pymc-marketing: quartiles, one purchase a day, its 46 cells', () => {
    const end = Date.parse('2006-12-31') / 86_400_000;
    const spentOn = new Map<string, Map<string, number>>();
    for (const { customer_id: id = '', order_date: day = '', revenue } of readRows('rfm-r/rfm_data_orders.csv.gz')) {
      const days = spentOn.get(id) ?? new Map<string, number>();
      spentOn.set(id, days.set(day, (days.get(day) ?? 0) + Number(revenue)));
    }
    const rows = [...spentOn].map(([id, days]) => ({
      id,
      r: String(end - Math.max(...[...days.keys()].map((day) => Date.parse(day) / 86_400_000))),
      f: String(days.size),
      m: String([...days.values()].reduce((a, b) => a + b, 0) / days.size),
    }));
    const found = score(customersOf(rows, ['id', 'r', 'f', 'm']), {
      ...binsWritten(4, 'segtag'),
      table: pymcTable,
      otherwise: 'other',
    });
    const { pymc_default: expected } = golden!.rfm_data_orders_2006_12_31;
    for (const [i, edges] of edgesOf(found).entries()) {
      const published = [expected.r_edges, expected.f_edges, expected.m_edges][i]!.slice(1, -1);
      expect(edges.map((edge) => Number(edge.toFixed(8)))).toEqual(published);
    }
    const slugs = Object.entries(expected.segments).map(([name, count]) => [
      name.toLowerCase().replaceAll(' ', '_'),
      count,
    ]);
    expect(countsOf(found.segments)).toEqual(Object.fromEntries(slugs));
  });
});

describe.skipIf(!dataIsThere)('the preset seed-004', () => {
  it('has the scores, sums, loyalty tiers and segments of each of 4,372 customers', () => {
    const rows = readRows('online-retail/expected/seed004_rfm_4372.csv.gz');
    const customers = customersOf(rows, ['CustomerID', 'Recency', 'Frequency', 'Monetory']);
    const found = score(customers, { preset: 'seed-004' });
    const column = (name: string): (string | undefined)[] => customers.rows.map((row) => row[name]);
    expect(found.digits.map(String)).toEqual(column('RFM_ID'));
    expect(Array.from(found.scores.sum, String)).toEqual(column('RFM_Sum'));
    expect(Array.from(found.scores.tier!, (tier) => found.fitted.tiers!.names[tier])).toEqual(column('Loyality'));
    expect(named('seed-004', found.segments)).toEqual(column('Segment'));
    expect(rows).toHaveLength(4372);
  });
});
