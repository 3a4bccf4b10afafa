import { errorTable, SegtagError, type ErrorCode } from '../../errors.ts';
import type { AlertCondition } from '../../job/schema/notify.ts';
import type { JobStanding } from '../inquiries/job-standing.ts';
import type { RunSummary } from '../summary.ts';
import type { Seen } from './teller.ts';

/** Failures that say nothing of the job: somebody else runs it, stopped it, or asked for the wrong night. */
const noFailures: ReadonlySet<string> = new Set([
  'E_ALREADY_RUNNING',
  'E_SLOT_TAKEN',
  'E_OLDER_THAN_PUBLISHED',
  'E_INTERRUPTED',
  'E_TERMINATED',
]);

/** What a run that came to its end says of its job. Only tags that are as they should be end what went wrong before. */
export function seenInSummary({ run, guards }: RunSummary): Seen[] {
  if (run.status === 'published' || run.status === 'no_change')
    return recovered(run.id, `Run ${run.id} is ${run.status}.`);
  if (run.status !== 'held') return [];
  const reasons = guards
    .filter(({ verdict }) => verdict === 'held')
    .map((each) => `${each.guard} (${each.found}, limit ${each.limit})`);
  return [seenHeld(run.id, `Held by ${reasons.join('; ')}.`)];
}

/** What a run that ended in an error says of its job; a plan, and what is no failure of the job, say nothing. */
export function seenInFailure(error: unknown, runId: string, stage: string | undefined): Seen[] {
  const code = error instanceof SegtagError ? error.code : undefined;
  if (code !== undefined && noFailures.has(code)) return [];
  return [seenFailed(runId, code, stage)];
}

/** That tags are as they should be again. */
export function recovered(runId: string | null, what: string): Seen[] {
  const ended: readonly AlertCondition[] = ['failed', 'held', 'crashed', 'overdue'];
  return ended.map((condition) => ({ condition, active: false, runId, what, next: 'Nothing is left to do.' }));
}

/** That a person has decided against a held run. */
export function seenRejected(runId: string): Seen {
  const what = `Run ${runId} was rejected. ${untouched}`;
  return { condition: 'held', active: false, runId, what, next: 'Nothing is left to do.' };
}

/** What the run store says of a job between its runs; what was told before is looked at again, so that reminders come. */
export function seenInStanding(standing: JobStanding): Seen[] {
  return [...seenInLastRun(standing.lastRun), seenOverdue(standing), seenLag(standing)];
}

/** That the run before this one died without a word. */
export function seenCrashed(runId: string): Seen {
  return {
    condition: 'crashed',
    active: true,
    runId,
    code: 'E_LEASE_LOST',
    what: `Run ${runId} stopped giving signs of life. ${untouched}`,
    next: `Look at the host that ran it; the next run goes on from the published state. segtag show ${runId}`,
  };
}

function seenInLastRun(run: JobStanding['lastRun']): Seen[] {
  switch (run?.status) {
    case 'held':
      return [seenHeld(run.runId, 'It waits for a decision.')];
    case 'failed':
      return noFailures.has(run.errorCode ?? '') ? [] : [seenFailed(run.runId, run.errorCode ?? undefined, undefined)];
    case 'crashed':
      return [seenCrashed(run.runId)];
    case 'published':
    case 'no_change':
      return recovered(run.runId, `Run ${run.runId} is ${run.status}.`).filter(
        ({ condition }) => condition !== 'overdue',
      );
    default:
      return [];
  }
}

const untouched = 'The tags are those of the last published run.';

function seenHeld(runId: string, what: string): Seen {
  return {
    condition: 'held',
    active: true,
    runId,
    code: 'E_HELD',
    stage: 'guard',
    what: `${what} ${untouched}`,
    next: `Look: segtag show ${runId}. Then segtag approve ${runId} --reason "…", or segtag reject ${runId}`,
  };
}

function seenFailed(runId: string, code: string | undefined, stage: string | undefined): Seen {
  const meaning =
    code !== undefined && Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].meaning : 'A bug.';
  return {
    condition: 'failed',
    active: true,
    runId,
    code: code ?? 'E_BUG',
    ...(stage === undefined ? {} : { stage }),
    what: `${meaning} ${untouched}`,
    next: `Look: segtag show ${runId}`,
  };
}

function seenOverdue({ job, overdueSince, lastSuccess }: JobStanding): Seen {
  const last = lastSuccess === null ? 'It never succeeded.' : `Its last success was at ${lastSuccess.at}.`;
  return {
    condition: 'overdue',
    active: overdueSince !== null,
    runId: overdueSince === null ? (lastSuccess?.runId ?? null) : null,
    what: overdueSince === null ? last : `The run of ${overdueSince} is missing. ${last}`,
    next: overdueSince === null ? 'Nothing is left to do.' : `Look: segtag status ${job}, and segtag runs ${job}`,
  };
}

function seenLag({ consumers }: JobStanding): Seen {
  const behind = consumers.filter((consumer) => consumer.behind);
  const told = behind.map(
    ({ consumer, changes, oldestAt }) => `${consumer}: ${changes} changes, the oldest of ${oldestAt}`,
  );
  return {
    condition: 'consumer_lag',
    active: behind.length > 0,
    runId: null,
    what: behind.length > 0 ? `Not acknowledged: ${told.join('; ')}.` : 'Every reader of the changes keeps up.',
    next: behind.length > 0 ? 'Look at the sync that reads segment_change.' : 'Nothing is left to do.',
  };
}
