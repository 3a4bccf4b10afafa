import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { pythonWith } from './python-peer.ts';
import { say, sayAbsent } from './say.ts';

// Whole processes, from the file to the published tags, next to pandas and scikit-learn: their wall clock and the most
// memory they held, as the system counts them. Needs a build (npm run build).
// Run: npm run bench end-to-end -- [members, 707,000 for 2.4 million transactions]

const memberCount = Number(process.argv[2] ?? 707_000);
const directory = mkdtempSync(join(tmpdir(), 'segtag-bench-'));
const peer = pythonWith('pandas, sklearn');
const retailJob = `
version: 1
job: retail
description: Customers of an online shop
source:
  customer_id: customer_id
  columns: { customer_id: text, recency_days: number, frequency: number, monetary: money }
features:
  recency_days: { transform: log1p, scale: zscore }
  frequency: { transform: log1p, scale: zscore }
  monetary: { transform: log1p, scale: zscore }
segments: { method: kmeans, k: 4, seed: 1, restarts: 10 }
labels:
  - { segment: best, name: Best customers, prototype: { recency_days: 15, frequency: 90, monetary: 90 } }
  - { segment: fresh, name: New and small, prototype: { recency_days: 25, frequency: 40, monetary: 35 } }
  - { segment: fading, name: Fading, prototype: { recency_days: 60, frequency: 65, monetary: 70 } }
  - { segment: lost, name: Lost, prototype: { recency_days: 80, frequency: 25, monetary: 25 } }
report: { keep: 0 }
`;

const pandasRetail = `
import sys, numpy, pandas
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler
lines = pandas.read_csv(sys.argv[1], parse_dates=['InvoiceDate'], dtype={'InvoiceNo': str, 'StockCode': str})
lines = lines[lines.CustomerID.notna() & (lines.Quantity > 0) & (lines.UnitPrice > 0)]
lines = lines.assign(amount=lines.Quantity * lines.UnitPrice)
rfm = lines.groupby('CustomerID').agg(last=('InvoiceDate', 'max'), frequency=('InvoiceNo', 'nunique'), monetary=('amount', 'sum'))
rfm['recency_days'] = (pandas.Timestamp('2011-12-09') - rfm['last'].dt.normalize()).dt.days
x = StandardScaler().fit_transform(numpy.log1p(rfm[['recency_days', 'frequency', 'monetary']]))
rfm['segment'] = KMeans(4, n_init=10, random_state=1).fit_predict(x)
rfm[['segment', 'recency_days', 'frequency', 'monetary']].to_csv(sys.argv[2])
`;

const pandasBaskets = `
import sys, json, time, pandas
rows = pandas.read_csv(sys.argv[1])
started = time.perf_counter()
def parsed(text):
    try: return json.loads(text)
    except (TypeError, ValueError): return None
rows['products'] = rows.product_json.map(parsed)
rows = rows[rows.products.notna()]
items = pandas.DataFrame(
    [(member, product, pieces) for member, basket in zip(rows.member_id, rows.products) for product, pieces in basket.items()],
    columns=['member', 'product', 'pieces'])
items['pieces'] = pandas.to_numeric(items.pieces, errors='coerce')
counts = items.groupby(['member', 'product']).pieces.sum()
print((time.perf_counter() - started) * 1000)
`;

await invoices();
await members();
rmSync(directory, { recursive: true });

/** Online Retail: cleaned, scored, four clusters of ten starts each, a tag for each customer. */
async function invoices(): Promise<void> {
  const source = resolve('../shared/data/online-retail/online_retail.csv.gz');
  if (!existsSync(source)) {
    return sayAbsent('the invoices', `not at ${source}, not measured`);
  }
  const csv = join(directory, 'online_retail.csv');
  await inDuckdb(':memory:', `copy (from read_csv('${source}')) to '${csv}'`);
  const project = join(directory, 'retail');
  mkdirSync(join(project, 'jobs'), { recursive: true });
  writeFileSync(join(project, 'jobs', 'retail.yaml'), retailJob);
  cpSync('test/projects/retail/sql/retail/customers.sql', join(project, 'sql/retail/customers.sql'));
  writeConnections(project, { client: 'duckdb', views: { online_retail: csv } }, '2011-12-09');
  const ours = best(() => segtag(project, 'retail'));
  const theirs =
    peer === undefined
      ? undefined
      : best(() => measure([peer, '-W', 'ignore', '-c', pandasRetail, csv, join(directory, 'tags.csv')]));
  tell('Online Retail, file to tags', ours, theirs, { wall: 0.6 });
}

/** Transactions with baskets as JSON, on to tags and recommendations; the peer only counts products per member. */
async function members(): Promise<void> {
  const project = join(directory, 'members');
  for (const part of ['jobs/members.yaml', 'sql/members']) cpSync(part, join(project, part), { recursive: true });
  const file = join(project, 'sample.duckdb');
  const csv = join(directory, 'transactions.csv');
  const script = readdirSync('sql/sample').find((name) => name.includes('sales_transaction'))!;
  await inDuckdb(file, `set variable members = ${memberCount}`, join('sql/sample', script));
  const count = await inDuckdb(file, 'select count(*)::int from sales_transaction');
  await inDuckdb(file, `copy (select member_id, product_json from sales_transaction) to '${csv}'`);
  // Without a limit DuckDB takes what is there: 100 MB more, and no second less.
  writeConnections(project, { client: 'duckdb', file, memory_limit: '300MB' }, '2026-06-30');
  const ours = segtag(project, 'members');
  const theirs = peer === undefined ? undefined : measure([peer, '-W', 'ignore', '-c', pandasBaskets, csv]);
  tell(`${String(count)} transactions, to tags and lists`, ours, theirs, { wall: 0.25, memory: 0.4 });
}

type Measured = { readonly wallMs: number; readonly peakMb: number; readonly said: string };

/** GNU time knows the most memory that a process held. */
function measure(command: readonly string[]): Measured {
  const report = join(directory, 'time');
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('/usr/bin/time', ['-f', '%M', '-o', report, ...command], {
    encoding: 'utf8',
  });
  const wallMs = performance.now() - started;
  if (status !== 0) throw new Error(`${command[0]} failed: ${stderr.slice(-1000)}`);
  const peak = readFileSync(report, 'utf8');
  return { wallMs, peakMb: Number(peak) / 1024, said: stdout };
}

function segtag(project: string, job: string): Measured {
  rmSync(join(project, 'crm.sqlite'), { force: true });
  return measure([process.execPath, 'dist/main.js', '-C', project, 'run', job]);
}

function best(run: () => Measured): Measured {
  return [run(), run(), run()].toSorted((a, b) => a.wallMs - b.wallMs)[0]!;
}

function tell(
  what: string,
  ours: Measured,
  theirs: Measured | undefined,
  target: { wall: number; memory?: number },
): void {
  const figures = { bench: 'end-to-end', what, ms: ours.wallMs, peak_mb: ours.peakMb };
  const text = `${what}: segtag ${(ours.wallMs / 1000).toFixed(2)} s, ${ours.peakMb.toFixed(0)} MB`;
  if (!theirs) return say(text, figures);
  // What the peer's own clock says of its work, without its start and its reading.
  const workMs = Number(theirs.said) || theirs.wallMs;
  const [wall, work, memory] = [ours.wallMs / theirs.wallMs, ours.wallMs / workMs, ours.peakMb / theirs.peakMb];
  say(
    `${text}\n  pandas ${(theirs.wallMs / 1000).toFixed(2)} s, ${(workMs / 1000).toFixed(2)} s of it work, ${theirs.peakMb.toFixed(0)} MB: ` +
      `${wall.toFixed(2)} × its process, ${work.toFixed(2)} × its work (target ${target.wall}), ` +
      `${memory.toFixed(2)} × its memory${target.memory ? ` (target ${target.memory})` : ''}`,
    { ...figures, of_pandas: wall, of_its_work: work, of_its_memory: memory },
  );
}

async function inDuckdb(file: string, ...statements: readonly string[]): Promise<unknown> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  let last: unknown;
  for (const statement of statements) {
    const reader = await connection.runAndReadAll(
      statement.endsWith('.sql') ? readFileSync(statement, 'utf8') : statement,
    );
    last = reader.getRows()[0]?.[0];
  }
  connection.closeSync();
  instance.closeSync();
  return last;
}

function writeConnections(project: string, warehouse: object, asOf: string): void {
  const crm = { client: 'sqlite', file: 'crm.sqlite' };
  const targets = { bench: { as_of: asOf, connections: { warehouse, crm } } };
  mkdirSync(join(project, 'config'), { recursive: true });
  writeFileSync(join(project, 'config', 'connections.yaml'), JSON.stringify({ default: 'bench', targets }));
}
