import { setTimeout as sleep } from 'node:timers/promises';
import { afterSighting, allWell, stepBetween } from '../../notify/alert-state.ts';
import type { QueuedMessage } from '../../notify/channels.ts';
import { deliver } from '../../notify/deliver.ts';
import { alertBody } from '../../notify/message.ts';
import { putMetrics } from '../../notify/metrics-output.ts';
import { SendFailure } from '../../notify/send-failure.ts';
import { SegtagError } from '../../errors.ts';
import type { Staging } from '../../staging/staging.ts';
import { collectMetrics } from './collect-metrics.ts';
import type { AlertStore, Seen, Teller } from './teller.ts';

/** Channels and the Pushgateway together take no longer. */
const sendingMs = 7000;
/** With what the database needs around it. */
const inAllMs = 9000;

/**
 * Remembers what was seen of a job, tells it where something changed, tries again what was not taken before,
 * and writes the metrics. Never fails, and ends within ten seconds, whatever is dead.
 */
export async function tell(store: AlertStore, seen: readonly Seen[], teller: Teller): Promise<void> {
  await bounded(teller, async () => {
    await remember(store, seen, teller);
    await send(store, teller);
  });
}

/** Writes the metrics of every job in the store; as patient, and as harmless, as `tell`. */
export async function publishMetrics(staging: Staging, teller: Omit<Teller, 'loaded'>): Promise<void> {
  await bounded(teller, async () => {
    const output = teller.telling.metrics();
    if (output.file === undefined && output.push === undefined) return;
    const { metricsText } = await import('../../notify/metrics.ts');
    const text = await metricsText(await collectMetrics(staging, teller.now()));
    await putMetrics(text, output, AbortSignal.timeout(sendingMs));
  });
}

async function bounded({ log, note }: Pick<Teller, 'log' | 'note'>, work: () => Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(inAllMs, 'late', { signal: timer.signal, ref: false }).catch(() => 'ended');
  const complain = (cause: string): void => {
    log.warn('not everybody could be told', { cause });
    note?.(`not everybody could be told: ${cause}`);
  };
  const done = work().catch((error: unknown) => complain(reasonOf(error)));
  if ((await Promise.race([done, late])) === 'late') complain('out of time');
  timer.abort();
}

async function remember(store: AlertStore, seen: readonly Seen[], teller: Teller): Promise<void> {
  if (teller.telling.channels.length === 0) return;
  const { job } = teller.loaded.job;
  const lasting = new Set((await store.activeAlerts(job)).map(({ alert }) => alert));
  for (const each of seen) {
    if (!each.active && !lasting.has(each.condition)) continue;
    const nowMs = teller.now().getTime();
    await store.changeAlert({ job, alert: each.condition }, (current) => {
      const before = current ?? allWell;
      const after = afterSighting(before, each, nowMs);
      return { record: after, messages: messagesOf(each, teller, { before, after }) };
    });
  }
}

function messagesOf(seen: Seen, teller: Teller, states: Parameters<typeof alertBody>[2]): QueuedMessage[] {
  const { loaded, target, telling } = teller;
  const { job, owner } = loaded.job;
  return telling.channels.flatMap((channel) => {
    const step = stepBetween(states.before, states.after, seen.condition, channel);
    if (!step) return [];
    const body = alertBody({ ...seen, job, target, owner }, step, states);
    const createdMs = states.after.observedMs;
    return [{ id: body.id, channel: channel.id, job, createdMs, body: JSON.stringify(body) }];
  });
}

async function send(store: AlertStore, { loaded, telling, now, log, note }: Teller): Promise<void> {
  if (telling.channels.length === 0) return;
  const { job } = loaded.job;
  const queue = {
    pending: () => store.pendingMessages(job, now().getTime()),
    claim: (message: QueuedMessage) => store.claimMessage(message, sendingMs),
    release: (message: QueuedMessage) => store.releaseMessage(message),
    settle: (message: QueuedMessage) => store.settleMessage(message),
  };
  await deliver(queue, telling.channels, {
    budgetMs: sendingMs,
    now: () => new Date(),
    onFailure: ({ name }, cause) => {
      log.warn('a message was not taken and is kept for the next opportunity', { job, channel: name, cause });
      note?.(`${name} took no message (${cause}); it is kept for the next opportunity`);
    },
  });
}

function reasonOf(error: unknown): string {
  const isKnown = error instanceof SegtagError || error instanceof SendFailure;
  if (isKnown) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}
