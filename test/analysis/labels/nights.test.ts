import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatDay, parseDay } from '../../../src/frame/day.ts';
import { parseJob } from '../../../src/job/load-job.ts';
import { dataIsThere } from '../golden.ts';
import { computeNight, type ComputedNight } from '../../support/computed-night.ts';

/** All that is not said is the default. */
const jobText = `version: 1
job: orders
description: Customers of the sample orders by recency, frequency and revenue
source: { customer_id: id }
features: { recency_days: {}, orders: {}, revenue: {} }
segments: { method: kmeans, k: 4 }
labels:
  - { segment: loyal, name: Loyal, mandatory: true, prototype: { recency_days: 30, revenue: 90 } }
  - { segment: occasional, name: Occasional, mandatory: true, prototype: { recency_days: 30, revenue: 35 } }
  - { segment: lapsing, name: Lapsing, mandatory: true, prototype: { recency_days: 80, revenue: 60 } }
  - { segment: lost, name: Lost, mandatory: true, prototype: { recency_days: 90, revenue: 10 } }
`;

type Orders = { readonly customer: string; readonly day: number; readonly revenue: number }[];

function readOrders(): Orders {
  const text = gunzipSync(readFileSync('../shared/data/rfm-r/rfm_data_orders.csv.gz')).toString();
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [, customer = '', date = '', revenue = ''] = /^"([^"]*)",([^,]*),([^,]*),/.exec(line) ?? [];
      return { customer, day: parseDay(date), revenue: Number(revenue) };
    });
}

/** Customers that have ordered by that day, with the days since, the number and the sum of their orders. */
function customersOn(orders: Orders, day: number) {
  const byCustomer = new Map<string, { recency: number; orders: number; revenue: number }>();
  for (const order of orders) {
    if (order.day > day) continue;
    const known = byCustomer.get(order.customer) ?? { recency: Infinity, orders: 0, revenue: 0 };
    const recency = Math.min(known.recency, day - order.day);
    byCustomer.set(order.customer, { recency, orders: known.orders + 1, revenue: known.revenue + order.revenue });
  }
  const ids = [...byCustomer.keys()].sort();
  const column = (pick: 'recency' | 'orders' | 'revenue') => Float64Array.from(ids, (id) => byCustomer.get(id)![pick]);
  return { ids, columns: { recency_days: column('recency'), orders: column('orders'), revenue: column('revenue') } };
}

describe.runIf(dataIsThere)('31 nights of real orders', () => {
  it('change the label of at most 0.1 % of the customers a night, on average', async () => {
    const parsed = parseJob(jobText, 'jobs/orders.yaml');
    if ('mistakes' in parsed) throw new Error(parsed.mistakes.map(({ message }) => message).join('\n'));
    const orders = readOrders();
    const churn: number[] = [];
    let before: Map<string, string | null> | undefined;
    let model: ComputedNight['model'] | undefined;
    for (let day = parseDay('2006-12-01') as number; day <= parseDay('2006-12-31'); day++) {
      const { ids, columns } = customersOn(orders, day);
      const asOf = formatDay(day as ReturnType<typeof parseDay>);
      const night = await computeNight({ job: parsed.job, columns, asOf, model });
      expect(night.segmentation.problems).toEqual([]);
      const now = new Map(ids.map((id, i) => [id, night.segments[i]!]));
      if (before) {
        const both = ids.filter((id) => before!.has(id));
        churn.push(both.filter((id) => before!.get(id) !== now.get(id)).length / both.length);
      }
      before = now;
      model = night.model;
    }
    const mean = churn.reduce((sum, share) => sum + share, 0) / churn.length;
    console.log(
      `label churn over ${churn.length + 1} nights: mean ${(100 * mean).toFixed(3)} %, highest ${(100 * Math.max(...churn)).toFixed(3)} %`,
    );
    expect(churn.length).toBe(30);
    expect(mean).toBeLessThanOrEqual(0.001);
  });
});
