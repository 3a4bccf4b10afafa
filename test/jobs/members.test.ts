import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { inFile, runJson, tagsIn } from '../support/night.ts';
import { makeProject, type TestProject } from '../support/project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

/** What the sample holds, asked for without the job's SQL. */
async function sampleSays(project: TestProject, sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(join(project.directory, 'var', 'sample.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const duckdb = await instance.connect();
  const rows = (await duckdb.runAndReadAll(sql)).getRowObjectsJson();
  duckdb.closeSync();
  instance.closeSync();
  return rows as Row[];
}

type Scores = Readonly<Record<string, number | null>>;

describe('the members job on half a year and the one after it', () => {
  let database: StagingDatabase;
  let project: TestProject;
  const nights: { summary: RunSummary; tags: Row[] }[] = [];

  beforeAll(async () => {
    database = await stagingEngines[0]!.fresh();
    const connections = {
      warehouse: { client: 'duckdb', file: 'var/sample.duckdb', build: 'sql/sample' },
      crm: inFile(database.connection),
    };
    project = makeProject('.', { test: { connections } });
    for (const asOf of ['2025-12-31', '2026-06-30']) {
      const { run } = await runJson(project, ['run', 'members', '--as-of', asOf, '--hold-ok']);
      if (run.status === 'held') await runJson(project, ['approve', run.id, '--reason', 'half a year lies between']);
      const kept = await runJson(project, ['show', run.id]);
      const tags = await tagsIn(database);
      nights.push({
        summary: (kept as unknown as { summary: RunSummary }).summary,
        tags: tags.filter(({ state }) => state === 'active'),
      });
    }
  });
  afterAll(() => database.drop());

  const scoresOf = (night: number): Map<string, Scores> =>
    new Map(
      nights[night]!.tags.map(({ customer_id: id, scores }) => [String(id), JSON.parse(String(scores)) as Scores]),
    );

  it('counts what the cleaning left out as plain questions to the table do', async () => {
    const [expected] = await sampleSays(
      project,
      `WITH line AS (
         SELECT *, year(bought_at) BETWEEN 2022 AND 2026 AS sound_day, coalesce(total_amt, 0) > 0 AS paid
         FROM sales_transaction WHERE bought_at < '2026-07-01' OR year(bought_at) = 2062)
       SELECT
         count(*)::INTEGER AS rows_in,
         count(*) FILTER (year(bought_at) IN (1899, 2062))::INTEGER AS bad_date,
         count(*) FILTER (year(bought_at) = 2021)::INTEGER AS incomplete_year,
         count(*) FILTER (sound_day AND total_amt IS NULL)::INTEGER AS no_total,
         count(*) FILTER (sound_day AND total_amt <= 0)::INTEGER AS non_positive_total,
         count(*) FILTER (sound_day AND paid AND product_json IS NULL)::INTEGER AS no_products,
         count(*) FILTER (sound_day AND paid AND NOT ends_with(product_json, '}'))::INTEGER AS malformed_products,
         count(*) FILTER (sound_day AND paid AND ends_with(product_json, '}')
           AND (product_json LIKE '%: 0.%' OR product_json LIKE '%: "some"%'))::INTEGER AS malformed_quantity
       FROM line`,
    );
    const { rows_in: rowsIn, ...rules } = expected!;
    const { removed } = nights[1]!.summary;
    expect(Object.fromEntries(removed.map(({ rule, rows_removed: rows }) => [rule, rows]))).toEqual(rules);
    expect(removed.every(({ rows_in: rows, rows_removed: gone }) => rows === rowsIn && gone > 0)).toBe(true);
  });

  it('measures the time between purchases by the pauses, not by the visits', async () => {
    const visits = await sampleSays(
      project,
      `SELECT member_id, list(strftime(bought_at, '%Y-%m-%d') ORDER BY bought_at) AS days
       FROM sales_transaction
       WHERE bought_at >= '2025-12-31' AND bought_at < '2026-07-01' AND total_amt > 0
         AND ends_with(product_json, '}') AND product_json NOT LIKE '%: 0.%' AND product_json NOT LIKE '%some%'
       GROUP BY member_id`,
    );
    const scores = scoresOf(1);
    expect([...scores.keys()].sort()).toEqual(visits.map(({ member_id: id }) => String(id)).sort());
    for (const { member_id: id, days } of visits) {
      const dates = (days as unknown as string[]).map((day) => Date.parse(day) / 86_400_000);
      const pauses = dates.slice(1).map((day, i) => day - dates[i]!);
      const mean = pauses.length === 0 ? null : pauses.reduce((sum, days) => sum + days, 0) / pauses.length;
      const found = scores.get(String(id))!;
      expect(found['visits']).toBe(dates.length);
      if (mean === null) expect(found['mtbp_days']).toBeNull();
      else expect(found['mtbp_days']).toBeCloseTo(mean, 9);
    }
  });

  it('counts as lifetime value what was spent, not spend per visit times days', async () => {
    const spent = await sampleSays(
      project,
      `SELECT member_id, sum(total_amt)::DOUBLE AS spend FROM sales_transaction
       WHERE bought_at >= '2022-01-01' AND bought_at < '2026-07-01' AND total_amt > 0
         AND ends_with(product_json, '}') AND product_json NOT LIKE '%: 0.%' AND product_json NOT LIKE '%some%'
       GROUP BY member_id`,
    );
    const lifetime = new Map(spent.map(({ member_id: id, spend }) => [String(id), Number(spend)]));
    for (const [id, { cltv }] of scoresOf(1)) expect(cltv).toBeCloseTo(lifetime.get(id)!, 6);
  });

  it('counts no feature twice, and puts both half-years on one scale', async () => {
    for (const { summary } of nights)
      expect(summary.checks.filter(({ check }) => check === 'correlated_features')).toEqual([]);
    const models = await database.query('select run_id, model from segtag_model');
    const [before, after] = nights.map(({ summary }) => {
      const { model } = models.find(({ run_id: id }) => id === summary.run.id)!;
      return (JSON.parse(String(model)) as { scales: unknown }).scales;
    });
    expect(before).toBeDefined();
    expect(after).toEqual(before);
  });

  it('estimates prices so that shares of the four bands add up, and agree with the prices that were drawn', async () => {
    const shares = [...scoresOf(1).values()].map((scores) =>
      [1, 2, 3, 4].map((band) => Number(scores[`estimated_band_${band}_share`])),
    );
    for (const ofMember of shares) expect(ofMember.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    const [drawn] = await sampleSays(
      project,
      `WITH price AS (
         SELECT 'SKU' || lpad(p::VARCHAR, 3, '0') AS product,
           ntile(4) OVER (ORDER BY round(8 + 190 * pow((md5_number_lower('price/' || p) >> 11)::DOUBLE / 9007199254740992, 2)), p) AS band
         FROM range(60) AS t (p)),
       item AS (
         SELECT unnest(regexp_extract_all(product_json, '(SKU[0-9]+)": ([0-9]+)', 1)) AS product,
           unnest(regexp_extract_all(product_json, '(SKU[0-9]+)": ([0-9]+)', 2))::INTEGER AS pieces
         FROM sales_transaction
         WHERE member_id = 'M0001027' AND bought_at >= '2025-12-31' AND bought_at < '2026-07-01' AND total_amt > 0
           AND ends_with(product_json, '}') AND product_json NOT LIKE '%: 0.%' AND product_json NOT LIKE '%some%')
       SELECT sum(pieces) FILTER (band = 4) / sum(pieces) AS top_band, sum(pieces)::INTEGER AS units
       FROM item JOIN price USING (product)`,
    );
    const builder = scoresOf(1).get('M0001027')!;
    expect(builder['estimated_band_4_share']).toBeCloseTo(Number(drawn!['top_band']), 9);
    expect(builder['basket_size']! * builder['visits']!).toBeCloseTo(Number(drawn!['units']), 9);
  });

  it('shows who moved between the half-years, who is gone and who is new', async () => {
    const [before, after] = nights.map(
      ({ tags }) => new Map(tags.map(({ customer_id: id, segment }) => [String(id), String(segment)])),
    );
    const matrix: Record<string, number> = {};
    for (const id of new Set([...before!.keys(), ...after!.keys()])) {
      const [from, to] = [before!.get(id) ?? null, after!.get(id) ?? null];
      if (from !== to) matrix[`${from} ${to}`] = (matrix[`${from} ${to}`] ?? 0) + 1;
    }
    const { moves, run } = nights[1]!.summary;
    expect(Object.fromEntries(moves.map(({ from, to, customers }) => [`${from} ${to}`, customers]))).toEqual(matrix);
    const { stdout } = await project.segtag(['show', run.id]);
    const rowOf = (title: string): string[] =>
      stdout
        .split('\n')
        .find((line) => line.trim().startsWith(title) && !line.includes('→'))!
        .trim()
        .split(/ {2,}/);
    expect(rowOf('From \\ to').at(-1)).toBe('(gone)');
    const stayed = [...before!].filter(([id, segment]) => segment === 'builders' && after!.get(id) === 'builders');
    expect(rowOf('builders')[1]).toBe(String(stayed.length));
    expect(rowOf('builders').at(-1)).toBe(String(matrix['builders null']));
    expect(rowOf('(new)')[1]).toBe(String(matrix['null builders']));
  });

  it('counts a basket once for two products, however many pieces of them are in it', async () => {
    const sql = readFileSync('sql/members/pairs.sql', 'utf8')
      .replaceAll(':as_of', "'2026-06-30'")
      .replaceAll(':recent_days', '61')
      .replaceAll(':min_orders', '3');
    const [pair] = await sampleSays(project, `${sql.replaceAll(';', '')} ORDER BY orders_ab DESC, a, b LIMIT 1`);
    const { a, b } = pair!;
    const [expected] = await sampleSays(
      project,
      `WITH recent AS (
         SELECT product_json LIKE '%"${String(a)}"%' AS has_a, product_json LIKE '%"${String(b)}"%' AS has_b,
           regexp_matches(product_json, '"(${String(a)}|${String(b)})": ([2-9]|[1-9][0-9])') AS several
         FROM sales_transaction
         WHERE bought_at >= '2026-05-01' AND bought_at < '2026-07-01' AND total_amt > 0
           AND ends_with(product_json, '}') AND product_json NOT LIKE '%: 0.%' AND product_json NOT LIKE '%some%')
       SELECT count(*) FILTER (has_a) AS orders_a, count(*) FILTER (has_b) AS orders_b,
         count(*) FILTER (has_a AND has_b) AS orders_ab, count(*) AS orders_total,
         count(*) FILTER (has_a AND has_b AND several) AS several FROM recent`,
    );
    const { several, ...counts } = expected!;
    expect(pair).toEqual({ a, b, ...counts });
    expect(Number(several)).toBeGreaterThan(0);
  });

  it('offers products of the last two months, and marks who buys one product at a time', async () => {
    const offered = await database.query(
      "select count(*) as lists from product_recommendation where job = 'members' and subject_kind = 'customer' and rank = 1",
    );
    expect(Number(offered[0]!['lists'])).toBe(nights[1]!.tags.length);
    const targets = await sampleSays(
      project,
      `SELECT member_id FROM sales_transaction
       WHERE bought_at >= '2026-05-01' AND bought_at < '2026-07-01' AND total_amt > 0
         AND ends_with(product_json, '}') AND product_json NOT LIKE '%: 0.%' AND product_json NOT LIKE '%some%'
       GROUP BY member_id HAVING max(len(string_split(product_json, ','))) = 1`,
    );
    const marked = [...scoresOf(1)].filter(([, scores]) => scores['single_product_buyer'] === 1);
    expect(marked.map(([id]) => id).sort()).toEqual(targets.map(({ member_id: id }) => String(id)).sort());
  });
});
