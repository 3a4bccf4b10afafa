import type { Night, NightSegment } from '../../src/report/night.ts';

/** Text that would run, or break out of its place, wherever somebody forgot to escape it. */
export const hostile = `<script>globalThis.broken=1</script>"'&<b>=1+1`;

const statistics = { mean: 40, median: 30, p10: 5, p90: 90, min: null, max: null };

function segment(place: number, fields: Partial<NightSegment> & { readonly segment: string }): NightSegment {
  const [recency, value] = [20 + 150 * place, 100 * 10 ** (3 - place)];
  return {
    name: fields.segment,
    campaign: 'letters',
    customers: 100 * (place + 1),
    share: (place + 1) / 10,
    value_share: [0.6, 0.2, 0.15, 0.05][place]!,
    profile: {
      recency_days: { ...statistics, mean: recency, median: recency, pct: 20 + 20 * place, missing: 0 },
      orders: { ...statistics, median: 4 - place, pct: 80 - 20 * place, missing: 0 },
      spend: { ...statistics, mean: value, median: value, pct: 90 - 20 * place, missing: 1 },
    },
    explanation: 'because of its middle',
    ...fields,
  };
}

/** A night with everything that a report can show: a thousand customers in four segments, made up by hand. */
export function sampleNight(fields: Partial<Night> = {}): Night {
  return {
    runId: 'shop-20260701T020000Z-aaaa',
    job: 'shop',
    asOf: '2026-06-30',
    status: 'published',
    startedAt: '2026-07-01T02:00:00.000Z',
    finishedAt: '2026-07-01T02:00:04.200Z',
    summary,
    figures,
    ...fields,
  };
}

const summary: Night['summary'] = {
  run: { base_run: 'shop-20260630T020000Z-aaaa', target: 'test', table: 'segment_tag' },
  counts: { extracted: 1000, entered: 12, moved: 30, left: 5, updated: 0, unchanged: 958, kept: 0 },
  segments: [
    segment(0, { segment: 'best', name: 'A name so long that no chart has room for all of it beside its marks' }),
    segment(1, { segment: 'loyal', name: 'Loyal' }),
    segment(2, { segment: 'odd', name: hostile }),
    segment(3, { segment: 'far', name: 'Exceptional' }),
  ],
  tree: {
    fidelity_test: 0.912,
    leaves: [{ segment: 'best', sentence: 'recency_days up to 40', rows: 90, purity: 0.95 }],
  },
  rule_tag: {
    customers: 600,
    agreed: 540,
    share: 0.9,
    cells: [{ rule: 'loyal', segment: 'best', customers: 60, share: 0.1 }],
  },
  quality: { silhouette: 0.5 },
  notes: ['a note'],
  removed: [{ rule: 'no_customer', rows_in: 5000, rows_removed: 250 }],
  trends: [
    ...['2025-11', '2025-12', '2026-01', '2026-03'].map((period, i) => trend('month', period, 10 + i)),
    ...['1 Monday', '2 Tuesday'].map((period, i) => trend('weekday', period, 30 - i)),
    ...['09', '10', '11'].map((period, i) => trend('hour', period, 5 + i)),
    ...['1 Monday 09', '1 Monday 11', '2 Tuesday 11'].map((period, i) => trend('weekday_hour', period, 8 + i)),
  ],
  checks: [
    { check: 'unique', columns: ['id'], found: 0, limit: 'error if > 0', verdict: 'passed', message: '0 rows repeat' },
    { check: 'removed', columns: [], found: 250, limit: 'at most 1%', verdict: 'warned', message: '250 removed' },
  ],
  guards: [
    { guard: 'moved', found: '3%', limit: '10%', verdict: 'passed', message: '30 of 993 customers change' },
    { guard: 'psi', found: '0.3', limit: 'at most 0.25', verdict: 'held', message: 'segment sizes: psi is 0.300' },
    { guard: 'ari', found: '', limit: 'off', verdict: 'off', message: 'off' },
  ],
  moves: [
    { from: 'loyal', to: 'best', customers: 20 },
    { from: null, to: 'odd', customers: 12 },
    { from: 'best', to: 'odd', customers: 7 },
    { from: 'far', to: null, customers: 5 },
    { from: 'odd', to: 'far', customers: 3 },
  ],
  recommendations: { segments: [{ segment: 'best', products: [{ product_id: hostile, score: 1.5 }] }] },
};

const figures: NonNullable<Night['figures']> = {
  version: 1,
  ids: 'hidden',
  axes: {
    recency: 'recency_days',
    frequency: 'orders',
    value: 'spend',
    typical: ['spend', 'recency_days', 'orders'],
    described: ['spend', 'recency_days', 'orders'],
  },
  outlier_segment: 'far',
  scatter: {
    x: 'recency_days',
    y: 'spend',
    customers: 1000,
    left_out: 3,
    dots: Array.from({ length: 40 }, (_, i) => [i % 4, 20 * i, 10 + 1000 * (i % 7)] as const),
  },
  heat_map: {
    x: 'recency_days',
    y: 'orders',
    xBands: [
      { from: null, below: 31 },
      { from: 31, below: null },
    ],
    yBands: [
      { from: null, below: 2 },
      { from: 2, below: null },
    ],
    counts: [
      [400, 300],
      [0, 300],
    ],
    left_out: 0,
  },
  k_curve: [2, 3, 4, 5].map((k) => ({ k, inertia: 1000 / k, silhouette: k === 3 ? 0.6 : 0.5 })),
  k: 4,
  k_from: 'job',
  movers: [{ from: 'loyal', to: 'best', reason: 'spend went up' }],
  history: [
    {
      run_id: 'shop-20260630T020000Z-aaaa',
      as_of: '2026-06-29',
      status: 'held',
      started_at: '2026-06-30T02:00:00.000Z',
      duration_ms: 3900,
      extracted: 990,
      moved: 28,
    },
    {
      run_id: 'shop-20260629T020000Z-aaaa',
      as_of: '2026-06-28',
      status: 'published',
      started_at: '2026-06-29T02:00:00.000Z',
      duration_ms: 4000,
      extracted: 985,
      moved: 31,
      customers: { best: 120, loyal: 240, odd: 305, gone: 300, far: 20 },
    },
    {
      run_id: 'shop-20260628T020000Z-bbbb',
      as_of: '2026-06-28',
      status: 'no_change',
      started_at: '2026-06-28T02:00:00.000Z',
      duration_ms: 4000,
      extracted: 985,
      moved: 0,
      customers: { best: 119, loyal: 241, odd: 305, gone: 300, far: 20 },
    },
  ],
};

function trend(grain: string, period: string, invoices: number): Night['summary']['trends'][number] {
  return { grain, period, invoices, revenue: 25 * invoices };
}
