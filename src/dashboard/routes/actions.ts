import type { Context, Hono } from 'hono';
import { SegtagError } from '../../errors.ts';
import { approveAndTell, rejectAndTell } from '../../pipeline/decisions/decision-told.ts';
import { requireRun, type Deciding } from '../../pipeline/decisions/decision.ts';
import { rollBack } from '../../pipeline/decisions/restore.ts';
import { jobOf, newRunId } from '../../pipeline/run-id.ts';
import { tunePage } from '../pages/tune.ts';
import type { Place } from '../place.ts';
import type { Gate } from '../security/gate.ts';
import { ofRun } from './pages.ts';

/** What is decided. Each writes down who, when and why, and answers with the page of the run that it was about. */
export function addActions(app: Hono, place: Place, { form }: Gate): void {
  app.post('/runs/:run/approve', async (c) => {
    const runId = c.req.param('run');
    const decision = { ...(await decidingOf(c, place)), runId, teller: tellerOf(place, runId), allowOlder: false };
    await ofRun(place, runId, (staging) => approveAndTell(staging, decision));
    return c.redirect(`/runs/${runId}`, 303);
  });
  app.post('/runs/:run/reject', async (c) => {
    const runId = c.req.param('run');
    const decision = { ...(await decidingOf(c, place)), runId, teller: tellerOf(place, runId) };
    await ofRun(place, runId, (staging) => rejectAndTell(staging, decision));
    return c.redirect(`/runs/${runId}`, 303);
  });
  app.post('/runs/:run/retry', async (c) => {
    const runId = c.req.param('run');
    const run = await ofRun(place, runId, requireRun);
    const { reason } = await decidingOf(c, place);
    place.start(['retry', runId, ...(reason === null ? [] : ['--reason', reason])]);
    return c.redirect(`/jobs/${run.job}`, 303);
  });
  app.post('/runs/:run/rollback', async (c) => {
    const runId = c.req.param('run');
    const loaded = place.job(jobOf(runId));
    await requireName(c, loaded.job.job);
    const { decidedBy, reason } = await decidingOf(c, place);
    const summary = await ofRun(place, runId, (staging) =>
      rollBack(
        {
          staging,
          loaded,
          target: place.target,
          runId: newRunId(loaded.job.job, place.now()),
          mode: 'publish',
          decidedBy,
          reason,
          now: () => place.now(),
        },
        runId,
      ),
    );
    return c.redirect(`/runs/${summary.run.id}`, 303);
  });
  app.post('/jobs/:job/tune', async (c) => {
    const { job } = place.job(c.req.param('job'));
    return c.html(tunePage(place, { job: job.job, summary: await place.tune(job.job), form }));
  });
  app.post('/jobs/:job/run', (c) => {
    const { job } = place.job(c.req.param('job'));
    place.start(['run', job.job]);
    return c.redirect(`/jobs/${job.job}`, 303);
  });
}

function tellerOf(place: Place, runId: string): ReturnType<Place['tellerOf']> {
  return place.tellerOf(place.job(jobOf(runId)));
}

async function decidingOf(c: Context, { now, decidedBy }: Place): Promise<Deciding> {
  const { reason } = await c.req.parseBody();
  const text = typeof reason === 'string' ? reason.trim() : '';
  return { now: now(), decidedBy, reason: text === '' ? null : text };
}

async function requireName(c: Context, job: string): Promise<void> {
  const { confirm } = await c.req.parseBody();
  if (typeof confirm === 'string' && confirm.trim() === job) return;
  throw new SegtagError('E_USAGE', {
    what: 'The name that was typed is not that of the job. Nothing was done.',
    remedy: `Go back and type ${job}.`,
  });
}
