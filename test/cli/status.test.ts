import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/staging/staging.ts';
import { inFile, runJson } from '../support/night.ts';
import { writeConnections, type TestProject } from '../support/project.ts';
import { parsePrometheus, type PrometheusSample } from '../support/prometheus.ts';
import { httpReceiver } from '../support/receivers.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { runOf } from '../support/staging-fixtures.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';
import { soonMs } from '../support/patience.ts';

const sqlite = stagingEngines[0]!;
const broken = sixtyCustomers.with(3, ['C003', 'NaN', 100]);

async function scheduledProject(more = '') {
  const database = await sqlite.fresh();
  const project = smallProject(database);
  const connections = {
    warehouse: { client: 'duckdb', views: { customer: 'customer.csv' } },
    crm: inFile(database.connection),
  };
  writeConnections(project.directory, {
    test: { as_of: '2026-06-30', connections, metrics: { file: 'var/segtag.prom' } },
  });
  edit(project, 'jobs/small.yaml', 'labels:', `schedule: { cron: '0 2 * * *' }\n${more}labels:`);
  return { database, project };
}

type Status = {
  overdue: string[];
  jobs: {
    lastSuccess: { runId: string; at: string } | null;
    lastRun: { status: string; errorCode: string | null } | null;
    nextDue: string | null;
    waiting: { runId: string; status: string }[];
    lease: { runId: string; holder: string; expired: boolean } | null;
    consumers: { consumer: string; changes: number; behind: boolean }[];
    overdueSince: string | null;
  }[];
};

async function status(
  project: TestProject,
): Promise<{ exitCode: number | null; overdue: string[]; small: Status['jobs'][number] }> {
  const { exitCode, stdout } = await project.segtag(['status', '--check', '--json']);
  const { overdue, jobs } = JSON.parse(stdout) as Status;
  return { exitCode, overdue, small: jobs[0]! };
}

/** Makes every run as old as that. */
async function age(database: StagingDatabase, days: number): Promise<void> {
  const at = new Date(Date.now() - days * 86_400_000).toISOString();
  await database.query('update segtag_run set published_at = ?, finished_at = ? where published_at is not null', [
    at,
    at,
  ]);
}

describe('segtag status --check', () => {
  it('exits 9 for a job that never succeeded, or not since a slot whose grace is over, and 0 otherwise', async () => {
    const { database, project } = await scheduledProject();
    expect(await status(project)).toMatchObject({ exitCode: 9, overdue: ['small'], small: { lastSuccess: null } });
    const { run } = await runJson(project, ['run', 'small']);
    expect(await status(project)).toMatchObject({
      exitCode: 0,
      overdue: [],
      small: { lastSuccess: { runId: run.id } },
    });
    await age(database, 2);
    writeCustomers(project, broken);
    await project.segtag(['run', 'small']);
    const late = await status(project);
    expect(late).toMatchObject({ exitCode: 9, overdue: ['small'], small: { lastSuccess: { runId: run.id } } });
    expect(late.small.lastRun).toMatchObject({ status: 'failed', errorCode: 'E_FEATURE_NOT_FINITE' });
    expect(late.small.overdueSince).toMatch(/T02:00:00\.000Z$/);
    const text = await project.segtag(['status']);
    expect(text.exitCode).toBe(0);
    expect(text.stdout).toMatch(/small .*failed E_FEATURE_NOT_FINITE.*overdue since .* 02:00 UTC/);
    await database.drop();
  });

  it('shows what waits, who runs, and how far readers are behind', async () => {
    const { database, project } = await scheduledProject('publish: { consumers: { max_changes: 5 } }\n');
    await runJson(project, ['run', 'small']);
    await project.segtag(['ack', 'sync', '50']);
    writeCustomers(project, sixtyCustomers.slice(0, 40));
    expect((await project.segtag(['run', 'small'])).exitCode).toBe(5);
    const staging = await openStaging(database.connection);
    await staging.acquireLease({ job: 'small', runId: 'r9', holder: 'host 9', leaseMs: 60_000 });
    await staging.close();
    const { small } = await status(project);
    expect(small.waiting).toMatchObject([{ status: 'held' }]);
    expect(small.lease).toMatchObject({ runId: 'r9', holder: 'host 9', expired: false });
    expect(small.consumers).toMatchObject([{ consumer: 'sync', changes: 10, behind: true }]);
    expect(Date.parse(small.nextDue!)).toBeGreaterThan(Date.now());
    await database.drop();
  });
});

describe('metrics', () => {
  it('are valid text, say what the tags say, and keep the last success when a run fails', async () => {
    const { database, project } = await scheduledProject();
    await runJson(project, ['run', 'small']);
    const file = (): PrometheusSample[] =>
      parsePrometheus(readFileSync(join(project.directory, 'var/segtag.prom'), 'utf8'));
    const first = file();
    const sizes = await database.query(
      'select segment, count(*) as n from segment_tag group by segment order by segment',
    );
    expect(valuesOf(first, 'segtag_segment_customers', 'segment')).toEqual(
      Object.fromEntries(sizes.map(({ segment, n }) => [segment, n])),
    );
    expect(valuesOf(first, 'segtag_rows', 'kind')).toMatchObject({
      extracted: 60,
      entered: 60,
      moved: 0,
      left: 0,
      invalid: 0,
    });
    expect(Object.keys(valuesOf(first, 'segtag_stage_duration_seconds', 'stage'))).toContain('segment');
    const [run] = await database.query('select published_at from segtag_run');
    const success = { small: Date.parse(String(run!.published_at)) / 1000 };
    expect(valuesOf(first, 'segtag_last_success_timestamp_seconds', 'job')).toEqual(success);

    writeCustomers(project, broken);
    await project.segtag(['run', 'small']);
    const second = file();
    expect(valuesOf(second, 'segtag_last_success_timestamp_seconds', 'job')).toEqual(success);
    expect(valuesOf(second, 'segtag_last_run_status', 'status')).toEqual({ failed: 1 });
    expect(valuesOf(second, 'segtag_runs', 'status')).toEqual({ failed: 1, published: 1 });

    writeCustomers(project, sixtyCustomers.slice(0, 40));
    await project.segtag(['run', 'small']);
    await project.segtag(['ack', 'sync "a"\\b', '58']);
    const { stdout } = await project.segtag(['metrics']);
    const third = parsePrometheus(stdout);
    expect(valuesOf(third, 'segtag_guard_tripped', 'guard')).toHaveProperty('leavers', 1);
    expect(valuesOf(third, 'segtag_consumer_lag_changes', 'consumer')).toEqual({ 'sync "a"\\b': 2 });
    await database.drop();
  });
});

function valuesOf(samples: readonly PrometheusSample[], name: string, label: string): Record<string, number> {
  const own = samples.filter((sample) => sample.name === name);
  return Object.fromEntries(own.map(({ labels, value }) => [labels[label]!, value]));
}

describe('segtag schedule run', () => {
  it('marks a dead run as crashed, and tells it, an overdue job and a reader that is behind, once each', async () => {
    const notify = "notify: [{ webhook: '${env:SEGTAG_TEST_HOOK}' }]\npublish: { consumers: { max_changes: 5 } }\n";
    const { database, project } = await scheduledProject(notify);
    const receiver = await httpReceiver();
    const far = (new Date().getUTCHours() + 12) % 24; // no slot comes while the test runs
    edit(project, 'jobs/small.yaml', "'0 2 * * *'", `'0 ${far} * * *', catch_up: none`);
    await runJson(project, ['run', 'small'], { SEGTAG_TEST_HOOK: receiver.url });
    await project.segtag(['ack', 'sync', '50']);
    await age(database, 3);
    const staging = await openStaging(database.connection);
    await staging.acquireLease({ job: 'small', runId: 'dead', holder: 'host', leaseMs: 1 });
    await staging.insertRun(runOf('dead', { job: 'small', startedAt: new Date().toISOString() }));
    for (let i = 0; i < 2; i++) {
      const schedule = spawn(process.execPath, ['dist/main.js', '-C', project.directory, 'schedule', 'run'], {
        env: { ...process.env, SEGTAG_TEST_HOOK: receiver.url },
        stdio: 'ignore',
      });
      const deadline = Date.now() + soonMs;
      while (receiver.received.length < 3 && Date.now() < deadline) await sleep(100);
      await sleep(1000);
      schedule.kill('SIGTERM');
      await new Promise((ended) => schedule.once('exit', ended));
    }
    expect(await staging.findRun('dead')).toMatchObject({ status: 'crashed' });
    await staging.close();
    const told = receiver.alerts().map(({ condition, kind }) => `${condition} ${kind}`);
    expect(told.toSorted()).toEqual(['consumer_lag raised', 'crashed raised', 'overdue raised']);
    await runJson(project, ['run', 'small'], { SEGTAG_TEST_HOOK: receiver.url });
    const after = receiver
      .alerts()
      .slice(3)
      .map(({ condition, kind }) => `${condition} ${kind}`);
    expect(after.toSorted()).toEqual(['crashed recovered', 'overdue recovered']);
    await database.drop();
  });
});
