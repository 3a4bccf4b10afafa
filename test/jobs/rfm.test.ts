import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { itWithData, makeProject } from '../support/project.ts';
import { retail, retailWarehouse } from '../support/retail.ts';
import { stagingEngines, type Row } from '../support/staging-databases.ts';

type Trends = {
  readonly by_sales_invoice_18532: Record<
    'day' | 'year_month' | 'season_meteorological' | 'hour',
    Record<string, number>
  >;
};

describe('the rfm job on half a million lines of an online shop', () => {
  const withData = itWithData('online-retail');
  const night: { summary?: RunSummary; tags: Row[] } = { tags: [] };

  beforeAll(async () => {
    if (withData !== it) return;
    const database = await stagingEngines[0]!.fresh();
    const connections = {
      warehouse: { client: 'duckdb', file: await retailWarehouse() },
      crm: inFile(database.connection),
    };
    const project = makeProject('.', { test: { as_of: '2011-12-09', connections } });
    night.summary = await runJson(project, ['run', 'rfm']);
    night.tags = await tagsIn(database);
    expect((await runJson(project, ['run', 'rfm'])).run.status).toBe('no_change');
    await database.drop();
  });

  withData('scores the canonical 4,338 customers, feature for feature', () => {
    const file = readFileSync(join(retail, 'expected', 'rfm_canonical_4338.csv.gz'));
    const [, ...lines] = gunzipSync(file).toString().trim().split('\n');
    const expected = lines.map((line) => line.split(',')).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
    const found = night.tags.map(({ customer_id: id, scores }) => {
      const values = JSON.parse(String(scores)) as Record<string, number>;
      return [id, values.recency_days, values.frequency, values.gross!.toFixed(2)];
    });
    expect(found).toEqual(
      expected.map(([id, recency, frequency, monetary]) => [
        id,
        Number(recency),
        Number(frequency),
        Number(monetary).toFixed(2),
      ]),
    );
  });

  withData('takes off what came back, so that an order cancelled minutes later is worth nothing', () => {
    const scores = JSON.parse(String(night.tags.find(({ customer_id: id }) => id === '16446')!.scores)) as Record<
      string,
      number
    >;
    expect(scores.gross).toBeGreaterThan(168_000);
    expect(scores.monetary).toBeLessThan(10);
  });

  withData('calls new who came just now for the first time, and nobody who has left', () => {
    const features = night.tags.map(({ segment, scores }) => ({
      segment,
      ...(JSON.parse(String(scores)) as { recency_days: number; frequency: number }),
    }));
    const days = features.map(({ recency_days: recency }) => recency).toSorted((a, b) => a - b);
    const newcomers = features.filter(({ segment }) => segment === 'new');
    expect(newcomers.length).toBeGreaterThan(0);
    expect(new Set(newcomers.map(({ frequency }) => frequency))).toEqual(new Set([1]));
    for (const { recency_days: recency } of newcomers) expect(recency).toBeLessThan(days[Math.floor(days.length / 3)]!);
  });

  withData('reaches each of its segments, and says what the cleaning left out', () => {
    expect(night.summary!.removed.find(({ rule }) => rule === 'no_customer')).toEqual({
      rule: 'no_customer',
      rows_in: 541_909,
      rows_removed: 135_080,
    });
    const unreached = night.summary!.segments.filter(
      ({ customers, segment }) => customers === 0 && segment !== 'no_purchase',
    );
    expect(unreached).toEqual([]);
  });

  withData('counts invoices, not lines, and no month twice', () => {
    const { by_sales_invoice_18532: expected } = JSON.parse(
      readFileSync(join(retail, 'expected', 'trends.json'), 'utf8'),
    ) as Trends;
    const counted = (grain: string): [string, number][] =>
      night.summary!.trends.filter((trend) => trend.grain === grain).map(({ period, invoices }) => [period, invoices]);
    expect(Object.fromEntries(counted('month'))).toEqual(expected.year_month);
    expect(Object.fromEntries(counted('hour').map(([hour, invoices]) => [Number(hour), invoices]))).toEqual(
      expected.hour,
    );
    expect(Object.fromEntries(counted('weekday').map(([day, invoices]) => [day.slice(2), invoices]))).toEqual(
      expected.day,
    );
    const seasons = counted('season').reduce<Record<string, number>>((sum, [period, invoices]) => {
      const season = period.slice(7, 8).toUpperCase() + period.slice(8);
      return { ...sum, [season]: (sum[season] ?? 0) + invoices };
    }, {});
    expect(seasons).toEqual(expected.season_meteorological);
  });
});
