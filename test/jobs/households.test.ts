import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleCorrelation } from 'simple-statistics';
import { beforeAll, describe, expect, it } from 'vitest';
import { fitKmeans } from '../../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../../src/analysis/matrix.ts';
import { fitScales, scaleMatrix } from '../../src/analysis/scaling.ts';
import type { RunSummary } from '../../src/pipeline/summary.ts';
import { marketingFiles, marketingRows, expectedRows, marketing } from '../support/marketing.ts';
import { inFile, runJson, tagsIn, withPassword } from '../support/night.ts';
import { itWithData, makeProject, type TestProject } from '../support/project.ts';
import { edit } from '../support/small-project.ts';
import { stagingEngines, type Row, type StagingDatabase } from '../support/staging-databases.ts';

const [sqlite, postgres] = stagingEngines;
const withData = itWithData('marketing-campaign');
const withDataAndPostgres = withData === it ? postgres!.it : withData;
/** The day of the newest enrolment. */
const asOf = '2014-06-29';

type Night = { readonly summary: RunSummary; readonly tags: Row[]; readonly project: TestProject };

async function nightFrom(warehouse: object, change: (project: TestProject) => string = () => 'households', env = {}) {
  const database = await sqlite!.fresh();
  const connections = { warehouse, crm: inFile(database.connection) };
  const project = makeProject('.', { test: { as_of: asOf, connections } });
  const summary = await runJson(project, ['run', change(project)], env);
  const tags = await tagsIn(database);
  return { summary, tags, project };
}

const fileNight = (file: string, change?: (project: TestProject) => string): Promise<Night> =>
  nightFrom({ client: 'duckdb', views: { household: join(marketing, file) } }, change);

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const scoresOf = ({ scores }: Row): Record<string, number> => JSON.parse(String(scores)) as Record<string, number>;

describe('the households job on 2,240 real customers', () => {
  const nights: Night[] = [];

  beforeAll(async () => {
    if (withData === it) nights.push(await fileNight(marketingFiles[0]));
  });

  withData('counts whom it leaves out, and why', () => {
    expect(nights[0]!.summary.removed).toEqual([
      { rule: 'income_too_high', rows_in: 2240, rows_removed: 1 },
      { rule: 'later_than_as_of', rows_in: 2240, rows_removed: 0 },
      { rule: 'month_first_date', rows_in: 2240, rows_removed: 0 },
      { rule: 'no_income', rows_in: 2240, rows_removed: 24 },
      { rule: 'too_old', rows_in: 2240, rows_removed: 3 },
      { rule: 'unreadable_date', rows_in: 2240, rows_removed: 0 },
    ]);
    expect(nights[0]!.summary.run.status).toBe('published');
    expect(nights[0]!.tags).toHaveLength(2212);
  });

  withData('has of each customer the features that others computed', () => {
    const published = nights[0]!.tags.map((tag) => [tag['customer_id'], scoresOf(tag)] as const);
    const found = published.map(([id, { education, marital_status: status, ...numbers }]) => ({
      id,
      income: numbers['income'],
      children: numbers['children'],
      teens: numbers['teens'],
      days: numbers['tenure_days'],
      purchases: numbers['purchases'],
      spend: numbers['spend'],
      recency: numbers['recency_days'],
      education: String(education),
      couple: String(status) === 'couple',
      // They counted ages in 2022.
      senior: numbers['age']! + 8 > 64,
    }));
    const expected = expectedRows('features_2212.csv.gz').map((row) => ({
      id: row['Customer_ID'],
      income: Number(row['Income']),
      children: Number(row['Children']),
      teens: Number(row['Teens_Per_Household']),
      days: Number(row['Cust_Days']),
      purchases: Number(row['TotalNumPurchases']),
      spend: Number(row['Total_Spent']),
      recency: Number(row['Recency']),
      education: row['Graduate'] === '1' ? 'graduate' : row['PostGrad'] === '1' ? 'postgraduate' : 'undergraduate',
      couple: row['Partner'] === '1',
      senior: row['Senior'] === '1',
    }));
    expect(found).toEqual(expected.toSorted((a, b) => (a.id! < b.id! ? -1 : 1)));
  });

  withData('reads 04-09-2012 as a day in September', () => {
    const days = nights[0]!.tags.map((tag) => scoresOf(tag)['tenure_days']!);
    // From 2012-07-30 to 2014-06-29; with the month first it would be 2012-01-08 to 2014-12-06.
    expect([Math.max(...days), Math.min(...days)]).toEqual([699, 0]);
  });

  withData.each(marketingFiles.slice(1))('gives the same tags from %s', async (file) => {
    expect((await fileNight(file)).tags).toEqual(nights[0]!.tags);
  });

  describe('of a file with the month first', () => {
    const said = new RegExp(
      [
        'removed: month_first_date removed (?<rows>[\\d,]+) of 2,240 rows \\([\\d.]+%\\): ',
        'dt_customer has the month first; export it as year-month-day or day-month-year \\(at most 0%\\)',
      ].join(''),
    );

    withData.each([
      ['mm/dd/yyyy', (day: string, month: string, year: string) => `${month}/${day}/${year}`],
      ['mm-dd-yyyy', (day: string, month: string, year: string) => `${month}-${day}-${year}`],
      ['m/d/yyyy', (day: string, month: string, year: string) => `${Number(month)}/${Number(day)}/${year}`],
    ])('says so, with %s, and publishes nothing', async (_, spelled) => {
      const { exitCode, stderr, tags } = await refused((_day, ...parts) => spelled(...parts));
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/^E_CHECK_FAILED +jobs\/households.yaml:\d+:\d+/m);
      const rows = marketingRows().filter(({ Dt_Customer: day }) => Number(day!.slice(0, 2)) > 12).length;
      expect(said.exec(stderr)?.groups!['rows']).toBe(rows.toLocaleString('en-US'));
      expect(tags).toEqual([]);
    });

    withData('says so where not one day can be read, instead of that there are no customers', async () => {
      const { exitCode, stderr, tags } = await refused((_day, _d, month, year) => `${month}/28/${year}`);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('E_EMPTY_READ');
      expect(said.exec(stderr)?.groups!['rows']).toBe('2,240');
      expect(tags).toEqual([]);
    });

    withData('cannot tell where no day is above 12, but counts whoever enrols after the night', async () => {
      const swapped = ([day, month]: readonly [string, string]): boolean => Number(day) <= 12 && day !== month;
      const { stdout } = await nightOf((_day, day, month, year) =>
        swapped([day, month]) ? `${month}-${day}-${year}` : `01-${month}-${year}`,
      );
      const later = marketingRows().filter(({ Dt_Customer: written }) => {
        const [day, month, year] = written!.split('-') as [string, string, string];
        return swapped([day, month]) && `${year}-${day}-${month}` > asOf;
      }).length;
      const { removed, checks } = JSON.parse(stdout) as RunSummary;
      expect(later).toBeGreaterThan(0);
      expect(removed).toContainEqual({ rule: 'later_than_as_of', rows_in: 2240, rows_removed: later });
      expect(checks.filter(({ verdict }) => verdict === 'warned').map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^later_than_as_of removed .* rows \(.*\): dt_customer lies after the night/),
      );
    });
  });

  withData('counts days that are none, whatever they look like, and says so', async () => {
    const wrong = ['31-04-2013', '2013-02-29', '2013-13-04', '00-05-2013', '14/00/2013', 'soon', '', '12-2013'];
    let line = 0;
    const { exitCode, stderr, tags } = await refused((written) => wrong[line++] ?? written);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      `unreadable_date removed ${wrong.length} of 2,240 rows (0.36%): dt_customer is no year-month-day and no day-month-year`,
    );
    expect(stderr).not.toContain('month_first_date');
    expect(tags).toEqual([]);
  });

  withDataAndPostgres('gives the same tags from PostgreSQL, and never shows how it connects', async () => {
    const source = await postgres!.fresh();
    await loadHouseholds(source);
    const warehouse = inFile(source.connection);
    const env = withPassword(source.connection);
    const { tags, project } = await nightFrom(warehouse, undefined, env);
    expect(tags).toEqual(nights[0]!.tags);
    const { stdout, stderr } = await project.segtag(['run', 'households', '--verbose'], env);
    const { database, user } = source.connection.config as { database: string; user: string };
    for (const secret of [database, 'postgres://', `${user}@`, ...Object.values(env)])
      expect(stdout + stderr).not.toContain(secret);
    await source.drop();
  });

  withDataAndPostgres('refuses days that it cannot read from PostgreSQL with the same sentences', async () => {
    const source = await postgres!.fresh();
    await loadHouseholds(source);
    await source.query("update household set dt_customer = '3/31/2013' where id = 5524");
    await source.query("update household set dt_customer = '31.04.2013' where id = 2174");
    const crm = await sqlite!.fresh();
    const connections = { warehouse: inFile(source.connection), crm: inFile(crm.connection) };
    const project = makeProject('.', { test: { as_of: asOf, connections } });
    const { exitCode, stderr } = await project.segtag(['run', 'households'], withPassword(source.connection));
    expect(exitCode).toBe(3);
    expect(stderr).toContain('month_first_date removed 1 of 2,240 rows (0.04%): dt_customer has the month first');
    expect(stderr).toContain('unreadable_date removed 1 of 2,240 rows (0.04%): dt_customer is no year-month-day');
    expect(await tagsIn(crm)).toEqual([]);
    await source.drop();
  });

  withData('describes segments by their texts too, and explains them on the 30 % that it did not learn from', () => {
    const { segments, tree } = nights[0]!.summary;
    for (const { shares } of segments) {
      expect(Object.keys(shares)).toEqual(['age_group', 'education', 'marital_status']);
      for (const texts of Object.values(shares)) expect(sum(Object.values(texts))).toBeCloseTo(1, 12);
    }
    const couples = segments.map((each) => each.customers * each.shares['marital_status']!['couple']!);
    expect(sum(couples)).toBeCloseTo(1428, 6);
    expect(tree!.test_customers / 2212).toBeCloseTo(0.3, 2);
    expect(tree!.train_customers + tree!.test_customers).toBe(2212);
    expect(tree!.fidelity_test).toBeGreaterThan(0.9);
    expect(tree!.leaves.map(({ sentence }) => sentence).join()).toMatch(/age_group (up to|above) (young|middle)/);
  });

  withData('shows where those rules are wrong, in numbers that add up to what they were tried on', async () => {
    const { tree } = nights[0]!.summary;
    const { stdout } = await nights[0]!.project.segtag(['explain', 'households', '--json']);
    expect((JSON.parse(stdout) as RunSummary).tree).toEqual(tree);
    const [elite, valuable] = tree!.confusion.customers;
    expect(sum([...elite!, ...valuable!])).toBe(tree!.test_customers);
    expect((elite![0]! + valuable![1]!) / tree!.test_customers).toBeCloseTo(tree!.fidelity_test, 12);
    const text = (await nights[0]!.project.segtag(['explain', 'households'])).stdout;
    expect(text).toMatch(
      new RegExp(`Of segment +Rules say elite +Rules say valuable\\s+elite +${elite![0]} +${elite![1]}\\s`),
    );
  });

  withData("divides them by Ward's method too", async () => {
    const { summary } = await fileNight(marketingFiles[0], (project) => {
      edit(project, 'jobs/households.yaml', 'method: kmeans, k: 2, seed: 1', 'method: hierarchical, k: 2');
      return 'households';
    });
    expect(summary.run.status).toBe('published');
    // No division has a smaller sum of squares than the one that k-means finds.
    expect(summary.quality!.inertia).toBeGreaterThan(nights[0]!.summary.quality!.inertia);
    const [elite, valuable] = summary.segments.map(({ profile }) => profile['spend']!.median!);
    expect(elite).toBeGreaterThan(4 * valuable!);
  });

  withData(
    'comes to the optimum that scikit-learn finds on 18 z-scores, and says which of them count twice',
    async () => {
      const { inertia, sizes_desc: sizes, centroids } = corrected();
      const matrix = zscores();
      const names = Object.keys(centroids[0]!);
      const initialCentroids = Float64Array.from(centroids.flatMap((centroid) => names.map((name) => centroid[name]!)));
      const fit = await fitKmeans({ matrix, k: 2, seed: 1, restarts: 1, initialCentroids });
      expect(fit.inertia).toBeCloseTo(inertia, 6);
      expect(fit.sizes.toSorted((a, b) => b - a)).toEqual(sizes);

      const { summary } = await fileNight(marketingFiles[0], eighteenFeatures);
      expect(summary.quality!.inertia / inertia).toBeLessThan(1.000_01);
      expect(summary.quality!.inertia / inertia).toBeGreaterThan(1 - 1e-9);
      const twice = summary.checks.filter(({ check }) => check === 'correlated_features');
      expect(twice.map(({ columns, found }) => [...columns, found])).toEqual([
        ['tenure_days', 'year_joined', closeTo(pearson('Cust_Days', 'Year_Joined'))],
        ['partner', 'single', closeTo(-1)],
        ['adult', 'senior', closeTo(-1)],
      ]);
      expect(summary.notes.filter((note) => note.startsWith('counted twice: '))).toHaveLength(3);
    },
  );
});

type Rewrite = (written: string, day: string, month: string, year: string) => string;

/** A night on the first file with its days of enrolment written otherwise. */
async function nightOf(rewrite: Rewrite) {
  const database = await sqlite!.fresh();
  const views = { household: 'household.csv' };
  const connections = { warehouse: { client: 'duckdb', views }, crm: inFile(database.connection) };
  const project = makeProject('.', { test: { as_of: asOf, connections } });
  const text = readFileSync(join(marketing, marketingFiles[0]), 'utf8');
  const written = text.replaceAll(
    /,(\d\d)-(\d\d)-(\d{4}),/g,
    (_, day: string, month: string, year: string) => `,${rewrite(`${day}-${month}-${year}`, day, month, year)},`,
  );
  writeFileSync(join(project.directory, 'household.csv'), written);
  const night = await project.segtag(['run', 'households', '--json', '--hold-ok']);
  return { ...night, database };
}

async function refused(rewrite: Rewrite) {
  const { exitCode, stderr, database } = await nightOf(rewrite);
  const tags = await tagsIn(database);
  await database.drop();
  return { exitCode, stderr, tags };
}

type Corrected = { inertia: number; sizes_desc: number[]; centroids: Record<string, number>[] };

/** Two clusters of 18 z-scores, by scikit-learn. */
function corrected(): Corrected {
  const targets = JSON.parse(readFileSync(join(marketing, 'expected', 'targets.json'), 'utf8')) as {
    corrected_kmeans_zscore_18_features: Record<string, Corrected>;
  };
  return targets.corrected_kmeans_zscore_18_features['2']!;
}

function zscores(): Matrix {
  const rows = expectedRows('features_2212.csv.gz');
  const names = Object.keys(rows[0]!).filter((name) => name !== 'Customer_ID');
  const columns = names.map((name) => ({ name, values: Float64Array.from(rows, (row) => Number(row[name])) }));
  const feature = { transform: 'none', scale: 'zscore', weight: 1 } as const;
  return scaleMatrix(columns, fitScales(columns, Object.fromEntries(names.map((name) => [name, feature]))));
}

async function loadHouseholds(source: StagingDatabase): Promise<void> {
  const rows = marketingRows();
  const columns = Object.keys(rows[0]!).map((name) => name.toLowerCase());
  const texts = ['education', 'marital_status', 'dt_customer'];
  const types = columns.map((name) => `${name} ${texts.includes(name) ? 'varchar(16)' : 'integer'}`);
  await source.query(`create table household (${types.join(', ')})`);
  for (let start = 0; start < rows.length; start += 560) {
    const part = rows.slice(start, start + 560);
    const places = part.map(() => `(${columns.map(() => '?').join(', ')})`);
    const values = part.flatMap((row) => Object.values(row).map((cell) => (cell === '' ? null : cell)));
    await source.query(`insert into household values ${places.join(', ')}`, values);
  }
}

/** A job over the same customers with the features of the notebook that it replaces, put right. */
function eighteenFeatures({ directory }: TestProject): string {
  const people = readFileSync('sql/households/customers.sql', 'utf8');
  const flag = (condition: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END`;
  const features: Record<string, string> = {
    income: 'income',
    kids: 'children - teens',
    teens: 'teens',
    tenure_days: 'tenure_days',
    year_joined: 'EXTRACT(YEAR FROM CAST(:as_of AS DATE) - CAST(tenure_days AS INTEGER))',
    children: 'children',
    family_size: `children + 1 + ${flag("marital_status = 'couple'")}`,
    has_kids: flag('children > 0'),
    purchases: 'purchases',
    spend: 'spend',
    recency_days: 'recency_days',
    partner: flag("marital_status = 'couple'"),
    single: flag("marital_status <> 'couple'"),
    adult: flag('age <= 56'),
    senior: flag('age > 56'),
    graduate: flag("education = 'graduate'"),
    postgraduate: flag("education = 'postgraduate'"),
    undergraduate: flag("education = 'undergraduate'"),
  };
  const columns = Object.entries(features).map(([name, sql]) => `${sql} AS ${name}`);
  mkdirSync(join(directory, 'sql', 'eighteen'));
  const sql = `SELECT customer_id, ${columns.join(', ')} FROM (${people}) AS known`;
  writeFileSync(join(directory, 'sql', 'eighteen', 'customers.sql'), sql);
  const job = {
    version: 1,
    job: 'eighteen',
    description: 'Eighteen z-scores',
    source: {
      customer_id: 'customer_id',
      params: { max_income: 600_000, max_age: 90, middle_age: 40, senior_age: 64 },
    },
    features: Object.fromEntries(Object.keys(features).map((name) => [name, { scale: 'zscore' }])),
    segments: { method: 'kmeans', k: 2, seed: 1 },
    labels: [
      { segment: 'more', name: 'More', prototype: { spend: 75 } },
      { segment: 'less', name: 'Less', prototype: { spend: 25 } },
    ],
    labelling: { min_degree: 0.01 },
  };
  writeFileSync(join(directory, 'jobs', 'eighteen.yaml'), JSON.stringify(job));
  return 'eighteen';
}

const closeTo = (value: number): unknown => expect.closeTo(value, 9);

function pearson(a: string, b: string): number {
  const rows = expectedRows('features_2212.csv.gz');
  return sampleCorrelation(
    rows.map((row) => Number(row[a])),
    rows.map((row) => Number(row[b])),
  );
}
