import { sha256 } from '../job/hash.ts';
import type { AlertCondition } from '../job/schema/notify.ts';
import type { AlertState, Step } from './alert-state.ts';

/** What is known of a condition, in words and numbers that hold no customer's data. */
export type AlertFacts = {
  readonly job: string;
  readonly target: string;
  readonly owner: string | undefined;
  readonly condition: AlertCondition;
  readonly code?: string;
  readonly stage?: string;
  /** One or more sentences. */
  readonly what: string;
  /** The next thing to do. */
  readonly next: string;
};

/** The body of a webhook, as JSON. Fields are only ever added while `schemaVersion` stays. */
export type AlertBody = {
  readonly schemaVersion: 1;
  /** The same for the same event, however often it is sent. */
  readonly id: string;
  readonly event: AlertCondition | 'recovered';
  readonly condition: AlertCondition;
  readonly kind: Step['kind'];
  readonly job: string;
  readonly target: string;
  readonly owner: string | null;
  readonly run_id: string | null;
  readonly code: string | null;
  readonly stage: string | null;
  readonly since: string;
  readonly at: string;
  readonly occurrences: number;
  readonly title: string;
  readonly what: string;
  readonly next: string;
};

/** The message for a step from one state of an alert to the next. */
export function alertBody(
  facts: AlertFacts,
  step: Step,
  { before, after }: Record<'before' | 'after', AlertState>,
): AlertBody {
  const { job, target, condition, owner, code, stage, what, next } = facts;
  const lasting = step.kind === 'recovered' ? before : after;
  const sinceMs = lasting.sinceMs ?? after.observedMs;
  return {
    schemaVersion: 1,
    id: sha256(`${target} ${job} ${condition} ${sinceMs} ${step.kind} ${step.nth}`).slice(0, 32),
    event: step.kind === 'recovered' ? 'recovered' : condition,
    condition,
    kind: step.kind,
    job,
    target,
    owner: owner ?? null,
    run_id: lasting.runId,
    code: code ?? null,
    stage: stage ?? null,
    since: new Date(sinceMs).toISOString(),
    at: new Date(after.observedMs).toISOString(),
    occurrences: lasting.occurrences,
    title: titleOf(facts, step, lasting),
    what,
    next,
  };
}

/** The message as plain text. */
export function alertText(body: AlertBody): string {
  const lines = [
    `Job:    ${body.job} (target ${body.target})`,
    ...(body.run_id === null ? [] : [`Run:    ${body.run_id}`]),
    ...(body.code === null ? [] : [`Error:  ${body.code}${body.stage === null ? '' : ` in stage ${body.stage}`}`]),
    `Since:  ${body.since}`,
    ...(body.owner === null ? [] : [`Owner:  ${body.owner}`]),
  ];
  return `${body.what}\n\n${lines.join('\n')}\n\nNext: ${body.next}\n`;
}

const states: Readonly<Record<AlertCondition, string>> = {
  failed: 'failed',
  held: 'is held and waits for a decision',
  crashed: 'crashed',
  overdue: 'is overdue',
  consumer_lag: 'has a reader of its changes that is behind',
};

function titleOf({ job, condition }: AlertFacts, { kind }: Step, { occurrences }: AlertState): string {
  switch (kind) {
    case 'raised':
      return `segtag: ${job} ${states[condition]}`;
    case 'reminder':
      return `segtag: ${job} still ${states[condition]}${occurrences > 1 ? ` (${occurrences} runs)` : ''}`;
    case 'recovered':
      return `segtag: ${job} has recovered (${condition})`;
  }
}
