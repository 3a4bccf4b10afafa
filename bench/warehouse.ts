import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { parseDay } from '../src/frame/day.ts';
import { connectionSchema } from '../src/job/connections-schema.ts';
import { loadJob } from '../src/job/load-job.ts';
import { silentLogger } from '../src/logger.ts';
import { runJob } from '../src/pipeline/run.ts';
import { openStaging } from '../src/staging/staging.ts';
import { say } from './say.ts';

// Two nights of a job over generated customers in a DuckDB file, computed in memory and in the warehouse, each night
// in a process of its own: seconds by stage, and the largest resident memory of the process, DuckDB's own included. The
// ratios are those of the memory beyond DuckDB's limit to 1 GiB, and of that limit to the data.
// Several numbers of customers, the smallest first, show how the cost grows: seconds over what they would be, had they
// grown as the customers did.
// Run: npm run bench warehouse -- [customers, or several: 100000,1000000] [memory limit of DuckDB] [memory|warehouse]

const job = 'bench';
type Night = { readonly directory: string; readonly file: string; readonly memoryLimit: string; readonly asOf: string };

if (process.argv[2] === '--one') await runOne(JSON.parse(process.argv[3] ?? '') as Night);
else {
  const before = new Map<string, Spent & { readonly count: number }>();
  for (const count of (process.argv[2] ?? '1000000').split(',').map(Number)) {
    for (const [night, spent] of await nightsOf(count, process.argv[3] ?? '512MB', process.argv[4])) {
      const smaller = before.get(night);
      if (smaller) tellGrowth(night, smaller, { ...spent, count });
      before.set(night, { ...spent, count });
    }
  }
}

/** What a night took, by its process. */
type Spent = { readonly seconds: number; readonly residentBytes: number; readonly text: string };

/** Two nights each, by their names. */
async function nightsOf(count: number, memoryLimit: string, only: string | undefined): Promise<Map<string, Spent>> {
  const nights = new Map<string, Spent>();
  const folder = mkdtempSync(join(tmpdir(), 'segtag-bench-'));
  const file = join(folder, 'customers.duckdb');
  await generate(file, count);
  const { size } = statSync(file);
  const share = bytesOf(memoryLimit) / size;
  const limit = `which may use ${memoryLimit}: ${share.toFixed(2)} of the data`;
  const what = { bench: 'warehouse', customers: count };
  say(`${count.toLocaleString('en-US')} customers in ${mb(size)} of DuckDB, ${limit}`, {
    ...what,
    limit_of_data: share,
  });
  for (const compute of ['memory', 'warehouse'].filter((each) => only === undefined || each === only)) {
    const directory = join(folder, compute);
    writeProject(directory, compute);
    for (const asOf of ['2026-06-01', '2026-06-02']) {
      const spent = await inChild({ directory, file, memoryLimit, asOf });
      const { text, seconds, residentBytes } = spent;
      const figures = { compute, night: asOf, seconds, resident_bytes: residentBytes };
      say(`${compute.padEnd(9)} ${asOf}  ${text}`, { ...what, ...figures });
      nights.set(`${compute} ${asOf}`, spent);
    }
  }
  rmSync(folder, { recursive: true });
  return nights;
}

function tellGrowth(
  night: string,
  smaller: Spent & { readonly count: number },
  larger: Spent & { readonly count: number },
): void {
  const times = larger.count / smaller.count;
  const growth = larger.seconds / smaller.seconds / times;
  const text = `${night}: ${times} times the customers take ${(growth * times).toFixed(1)} times as long`;
  say(`${text}, ${growth.toFixed(2)} of growing as they do`, { bench: 'warehouse', growth_of: night, times, growth });
}

/** Four kinds of customers with long tails; a night moves recency on, and a hundredth orders again. */
async function generate(file: string, count: number): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const session = await instance.connect();
  await session.run(`CREATE TABLE customer AS SELECT
    'C' || lpad(((i * 7919) % 1000000007)::VARCHAR, 10, '0') AS id,
    least(799, greatest(0, (kind * 180 + 60 * ${normal(1)})::INTEGER)) AS recency_days,
    greatest(1, (exp((3 - kind) * 0.6 + 0.5 * ${normal(3)}))::INTEGER) AS orders,
    exp(4 + (kind * 3 % 4) * 0.8 + 0.7 * ${normal(5)})::DECIMAL(18, 2) AS value, i % 100 = 0 AS returns
    FROM (SELECT i, (hash(i * 16) % 4)::INTEGER AS kind FROM range(${count}) AS r (i)) AS c`);
  session.closeSync();
  instance.closeSync();
}

function uniform(salt: number): string {
  return `((hash(i * 16 + ${salt}) % 1000003) / 1000003.0 + 1e-9)`;
}

function normal(salt: number): string {
  return `(sqrt(-2 * ln(${uniform(salt)})) * cos(2 * pi() * ${uniform(salt + 1)}))`;
}

function writeProject(directory: string, compute: string): void {
  for (const path of ['jobs', join('sql', job)]) mkdirSync(join(directory, path), { recursive: true });
  const names = ['one', 'two', 'three', 'four'];
  const labels = names.map(
    (name, i) => `  - { segment: ${name}, name: ${name}, prototype: { recency_days: ${12 + 25 * i} } }`,
  );
  writeFileSync(
    join(directory, 'jobs', `${job}.yaml`),
    `version: 1
job: ${job}
description: Generated customers
source:
  customer_id: id
  columns: { id: text, recency_days: number, orders: number, value: money }
outliers: { columns: [value], method: percentile, percentiles: [0, 99.5], side: high, action: tag }
features:
  recency_days: {}
  orders: { transform: log1p }
  value: { transform: log1p }
segments: { method: kmeans, k: 4, restarts: 10 }
compute: ${compute}
labelling: { min_degree: 0, unmatched: keep }
guards: { moved: off, leavers: off, segment_share: off }
labels:
${labels.join('\n')}
  - { segment: outlier, name: Outlier, when: outlier }
`,
  );
  writeFileSync(
    join(directory, 'sql', job, 'customers.sql'),
    `SELECT id, CASE WHEN returns AND CAST(:as_of AS DATE) > DATE '2026-06-01' THEN 0
      ELSE recency_days + (CAST(:as_of AS DATE) - DATE '2026-06-01') END AS recency_days, orders, value
FROM customer\n`,
  );
}

async function inChild(night: Night): Promise<Spent> {
  const args = [fileURLToPath(import.meta.url), '--one', JSON.stringify(night)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  await once(child, 'close');
  return JSON.parse(stdout) as Spent;
}

async function runOne({ directory, file, memoryLimit, asOf }: Night): Promise<void> {
  const config = connectionSchema.parse({ client: 'duckdb', file, memory_limit: memoryLimit });
  const crmConfig = connectionSchema.parse({ client: 'sqlite', file: join(directory, 'crm.sqlite') });
  const crm = { name: 'crm', target: 'bench', config: crmConfig };
  const staging = await openStaging(crm);
  await staging.migrate(['segment_tag']);
  await staging.close();
  const seconds: string[] = [];
  const started = performance.now();
  const summary = await runJob({
    projectDir: directory,
    loaded: loadJob(directory, job),
    target: 'bench',
    warehouse: { name: 'warehouse', target: 'bench', config },
    crm,
    runId: `bench-${asOf}`,
    asOf: parseDay(asOf),
    trigger: 'manual',
    mode: 'publish',
    allowOlder: false,
    now: () => new Date(),
    // A million rows into SQLite keep this thread from its lease for longer than a minute on a busy machine.
    leaseMs: 3_600_000,
    signal: new AbortController().signal,
    progress: {
      started: () => {},
      advanced: () => {},
      waiting: () => {},
      finished: (stage, note, elapsedMs) => {
        seconds.push(`${stage} ${(elapsedMs / 1000).toFixed(1)}`);
        const resident = `${mb(process.memoryUsage.rss())}, until now at most ${mb(process.resourceUsage().maxRSS * 1024)}`;
        console.error(`  ${stage} ${(elapsedMs / 1000).toFixed(1)} s, ${resident}: ${note}`);
      },
    },
    log: silentLogger,
  });
  const { entered, moved, unchanged } = summary.counts;
  const resident = process.resourceUsage().maxRSS * 1024;
  const beyond = resident - bytesOf(memoryLimit);
  const { iterations = 0, inertia = 0, start = '' } = summary.quality ?? {};
  const spent: Spent = {
    seconds: (performance.now() - started) / 1000,
    residentBytes: resident,
    text: [
      `${((performance.now() - started) / 1000).toFixed(1)} s (${seconds.join(', ')})`,
      `${mb(resident)} resident at most, ${(beyond / 2 ** 30).toFixed(2)} GiB beyond DuckDB's limit`,
      `${start}, ${iterations} iterations, inertia ${inertia.toPrecision(10)}`,
      `${entered} enter, ${moved} move, ${unchanged} stay`,
    ].join(' · '),
  };
  console.log(JSON.stringify(spent));
}

/** Of a limit as DuckDB writes it, in megabytes or gigabytes. */
function bytesOf(limit: string): number {
  const [, number, unit] = /^(\d+)([MG])B$/.exec(limit) ?? [];
  if (!number) throw new Error(`"${limit}" is no limit such as 512MB`);
  return Number(number) * (unit === 'G' ? 1e9 : 1e6);
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
}
