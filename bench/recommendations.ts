import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Libsql from 'libsql';
import { evaluateLists } from '../src/analysis/recommend/evaluate.ts';
import { parseDay } from '../src/frame/day.ts';
import { loadJob } from '../src/job/load-job.ts';
import { silentLogger } from '../src/logger.ts';
import { newRunId } from '../src/pipeline/run-id.ts';
import { runJob } from '../src/pipeline/run.ts';
import { say } from './say.ts';

// How well the lists that a night publishes hit what customers bought next. The last invoice of each customer
// that has two or more is held out, the retail job runs on the rest, and its lists are held against the products of
// that invoice that the customer did not have before. The baseline offers everybody the products that most customers
// have, leaving out those that the customer has. Run: npm run bench recommendations

const perCustomer = 10;
const source = resolve('../shared/data/online-retail/online_retail.csv.gz');
if (!existsSync(source)) throw new Error(`the invoices are not at ${source}`);

const silent = (): void => {};
const directory = mkdtempSync(join(tmpdir(), 'segtag-bench-'));
const [earlier, later] = [join(directory, 'earlier.parquet'), join(directory, 'later.parquet')];
const crm = join(directory, 'crm.sqlite');
for (const part of ['jobs', 'sql'])
  cpSync(join('test/projects/retail', part), join(directory, part), { recursive: true });

await splitInvoices();
await publishLists();
const { lists, owned, boughtLater, baseline, productCount } = await readBack();
rmSync(directory, { recursive: true });

const contenders = {
  'published lists': lists,
  'what most have': owned.map((has) => baseline.filter((product) => !has.has(product)).slice(0, perCustomer)),
};
for (const k of [3, perCustomer]) {
  const rows = Object.entries(contenders).map(([name, each]) => {
    const { customers, ...measures } = evaluateLists(each, boughtLater, { k, productCount });
    return [name, { customers, ...mapValues(measures, (value) => Number(value.toFixed(4))) }] as const;
  });
  for (const [who, measures] of rows) {
    const parts = Object.entries(measures).map(([name, value]) => `${name} ${value}`);
    say(`k = ${k}, ${who.padEnd(15)}: ${parts.join(', ')}`, { bench: 'recommendations', k, who, ...measures });
  }
}

async function splitInvoices(): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`
    CREATE TABLE line AS SELECT * FROM read_csv('${source}');
    CREATE TABLE last_invoice AS
      SELECT CustomerID, arg_max(InvoiceNo, (InvoiceDate, InvoiceNo)) AS InvoiceNo FROM line
      WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0
      GROUP BY CustomerID HAVING COUNT(DISTINCT InvoiceNo) > 1;
    COPY (SELECT * FROM line ANTI JOIN last_invoice USING (CustomerID, InvoiceNo)) TO '${earlier}';
    COPY (SELECT * FROM line SEMI JOIN last_invoice USING (CustomerID, InvoiceNo)) TO '${later}'`);
  connection.closeSync();
}

async function publishLists(): Promise<void> {
  const file = join(directory, 'jobs/retail.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('recommendations:', `recommendations:\n  per_customer: ${perCustomer}`),
  );
  await runJob({
    projectDir: directory,
    loaded: loadJob(directory, 'retail'),
    target: 'bench',
    warehouse: {
      name: 'warehouse',
      target: 'bench',
      config: { client: 'duckdb', file: ':memory:', views: { online_retail: earlier } },
    },
    crm: { name: 'crm', target: 'bench', config: { client: 'sqlite', file: crm } },
    runId: newRunId('retail', new Date()),
    asOf: parseDay('2011-12-09'),
    trigger: 'manual',
    mode: 'publish',
    allowOlder: false,
    now: () => new Date(),
    signal: new AbortController().signal,
    progress: {
      started: silent,
      advanced: silent,
      finished: (stage, note) => console.error(`${stage}: ${note}`),
      waiting: silent,
    },
    log: silentLogger,
  });
}

/** Lists, baskets and the baseline over the customers that bought something later, as numbers of one catalogue. */
async function readBack() {
  const warehouse = await (await DuckDBInstance.create(':memory:')).connect();
  const rowsOf = async (sql: string): Promise<string[][]> =>
    (await warehouse.runAndReadAll(sql)).getRows().map((row) => row.map(String));
  const kept = `StockCode NOT IN ('POST','DOT','D','M','S','B','C2','CRUK','PADS','AMAZONFEE','BANK CHARGES')
    AND StockCode NOT LIKE 'gift_%' AND CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0`;
  const basket = (file: string): string =>
    `SELECT DISTINCT CAST(CAST(CustomerID AS BIGINT) AS VARCHAR), StockCode FROM '${file}' WHERE ${kept}`;
  const popular = await rowsOf(`SELECT StockCode FROM '${earlier}' WHERE ${kept}
    GROUP BY StockCode ORDER BY COUNT(DISTINCT CustomerID) DESC, StockCode`);
  const catalogue = new Map(popular.map(([product = ''], number) => [product, number]));
  const [before, after] = [
    setsOf(await rowsOf(basket(earlier)), catalogue),
    setsOf(await rowsOf(basket(later)), catalogue),
  ];
  warehouse.closeSync();
  const published = new Libsql(crm)
    .prepare(
      "select subject_id, product_id from product_recommendation where subject_kind = 'customer' order by subject_id, rank",
    )
    .all() as { subject_id: string; product_id: string }[];
  const offered = setsOf(
    published.map((row) => [row.subject_id, row.product_id]),
    catalogue,
  );
  const customers = [...after.keys()].sort();
  const owned = customers.map((id) => before.get(id) ?? new Set<number>());
  return {
    lists: customers.map((id) => [...(offered.get(id) ?? [])]),
    owned,
    boughtLater: customers.map((id, i) => new Set([...after.get(id)!].filter((product) => !owned[i]!.has(product)))),
    baseline: popular.map((_, number) => number),
    productCount: popular.length,
  };
}

function setsOf(
  rows: readonly (readonly string[])[],
  catalogue: ReadonlyMap<string, number>,
): Map<string, Set<number>> {
  const sets = new Map<string, Set<number>>();
  for (const [customer = '', product = ''] of rows) {
    const number = catalogue.get(product);
    if (number === undefined) continue;
    sets.set(customer, (sets.get(customer) ?? new Set()).add(number));
  }
  return sets;
}

function mapValues<Key extends string>(
  values: Record<Key, number>,
  map: (value: number) => number,
): Record<Key, number> {
  return Object.fromEntries(Object.entries<number>(values).map(([key, value]) => [key, map(value)])) as Record<
    Key,
    number
  >;
}
