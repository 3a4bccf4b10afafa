import { setTimeout as sleep } from 'node:timers/promises';
import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { SegtagError } from '../../errors.ts';
import { describeCustomer } from '../../pipeline/inquiries/customer-report.ts';
import { requireRun } from '../../pipeline/decisions/decision.ts';
import { standingOf, type JobStanding } from '../../pipeline/inquiries/job-standing.ts';
import { nightOf, readNight, summaryInCrm } from '../../pipeline/nights/night-report.ts';
import { jobOf } from '../../pipeline/run-id.ts';
import { renderReport } from '../../report/render.ts';
import type { RunRecord } from '../../staging/runs/run-record.ts';
import type { Staging } from '../../staging/staging.ts';
import { compareRuns } from '../../pipeline/inquiries/compare-runs.ts';
import { customerPage } from '../pages/customer.ts';
import { diffPage } from '../pages/diff.ts';
import { overviewPage } from '../pages/overview.ts';
import { runPage } from '../pages/run.ts';
import { jobPage, runsPage } from '../pages/runs.ts';
import { tunePage } from '../pages/tune.ts';
import { connectionsOf, type Place } from '../place.ts';
import type { Gate } from '../security/gate.ts';
import { reportPolicy } from '../security/headers.ts';

const shownRuns = 100;
const lookMs = 1000;

/** What is read: overview, jobs, runs with their reports and progress, customers. */
export function addPages(app: Hono, place: Place, { form }: Gate): void {
  app.get('/', async (c) => c.html(overviewPage(place, await standingsOf(place))));
  app.get('/runs', async (c) => c.html(runsPage(place, await newestRuns(place))));
  app.get('/jobs/:job', async (c) => {
    const { job } = place.job(c.req.param('job'));
    const parts = await place.withStore(job.publish.connection, async (staging) => {
      const runs = await staging.listRuns({ job: job.job, limit: shownRuns });
      const newest = runs.find((run) => summaryInCrm(run) !== null);
      return {
        standing: await standingOf(staging, job, place.now()),
        runs,
        newest: newest ? await nightOf(staging, newest, { showIds: false }) : null,
      };
    });
    return c.html(jobPage(place, { job, form, ...parts }));
  });
  app.get('/runs/:run', async (c) => {
    const parts = await ofRun(place, c.req.param('run'), async (staging, runId) => {
      const run = await requireRun(staging, runId);
      const night = await nightOf(staging, run, { showIds: false });
      return { run, night, decisions: await staging.listDecisions([runId]) };
    });
    return c.html(runPage(place, { ...parts, form }));
  });
  app.get('/runs/:run/diff', async (c) => {
    const since = c.req.query('since') ?? '';
    const parts = await ofRun(place, c.req.param('run'), async (staging, runId) => {
      const run = await requireRun(staging, runId);
      const others = await staging.listRuns({ job: run.job, limit: shownRuns });
      return {
        run,
        others: others.filter((other) => other.runId !== runId && other.summary !== null),
        difference: since === '' ? null : await compareRuns(staging, since, runId),
      };
    });
    return c.html(diffPage(place, parts));
  });
  app.get('/jobs/:job/tune', (c) => {
    const { job } = place.job(c.req.param('job'));
    return c.html(tunePage(place, { job: job.job, summary: null, form }));
  });
  app.get('/runs/:run/night', async (c) =>
    c.json(await ofRun(place, c.req.param('run'), (staging, runId) => readNight(staging, runId, { showIds: false }))),
  );
  app.get('/runs/:run/report', async (c) => {
    const night = await ofRun(place, c.req.param('run'), (staging, runId) =>
      readNight(staging, runId, { showIds: false }),
    );
    c.header('content-security-policy', reportPolicy);
    return c.html(renderReport(night));
  });
  app.get('/runs/:run/events', async (c) => {
    const runId = c.req.param('run');
    let { status } = await ofRun(place, runId, requireRun);
    return streamSSE(c, async (stream) => {
      while (!stream.aborted) {
        await stream.writeSSE({ event: 'status', data: status });
        if (status !== 'running') return;
        await sleep(lookMs);
        ({ status } = await ofRun(place, runId, requireRun));
      }
    });
  });
  app.get('/customers', async (c) => {
    const jobs = place.jobs().map(({ job }) => job.job);
    const asked = { job: c.req.query('job') ?? jobs[0] ?? '', id: c.req.query('id')?.trim() ?? '' };
    if (asked.id === '') return c.html(customerPage(place, { jobs, ...asked, report: null, problem: null }));
    try {
      const { publish } = place.job(asked.job).job;
      const report = await place.withStore(publish.connection, (staging) =>
        describeCustomer(staging, { job: asked.job, customerId: asked.id }),
      );
      return c.html(customerPage(place, { jobs, ...asked, report, problem: null }));
    } catch (error) {
      if (!(error instanceof SegtagError) || error.code !== 'E_NOT_FOUND') throw error;
      return c.html(customerPage(place, { jobs, ...asked, report: null, problem: error.what }), 404);
    }
  });
}

/** How every job stands; those with something to decide come first. */
export async function standingsOf(place: Place): Promise<JobStanding[]> {
  const standings: JobStanding[] = [];
  for (const { job } of place.jobs())
    standings.push(await place.withStore(job.publish.connection, (staging) => standingOf(staging, job, place.now())));
  return standings.toSorted((a, b) => Number(b.waiting.length > 0) - Number(a.waiting.length > 0));
}

/** The newest runs of all jobs, of one database after the other. */
export async function newestRuns(place: Place): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  for (const connection of connectionsOf(place))
    runs.push(...(await place.withStore(connection, (staging) => staging.listRuns({ limit: shownRuns }))));
  return runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, shownRuns);
}

/** Looks a run up where its job publishes to. */
export function ofRun<Result>(
  place: Place,
  runId: string,
  work: (staging: Staging, runId: string) => Promise<Result>,
): Promise<Result> {
  const { job } = place.job(jobOf(runId));
  return place.withStore(job.publish.connection, (staging) => work(staging, runId));
}
