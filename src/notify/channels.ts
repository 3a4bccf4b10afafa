import { sha256 } from '../job/hash.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { Smtp } from '../job/schema/notify.ts';
import type { Notification } from '../job/schema.ts';
import type { Path } from '../job/yaml-text.ts';
import type { Subscription } from './alert-state.ts';
import { alertText, type AlertBody } from './message.ts';
import { serverOf } from './http.ts';
import { postWebhook, type Webhook } from './webhook.ts';

/** A message that waits for a channel. */
export type QueuedMessage = {
  readonly id: string;
  /** The `id` of a channel. */
  readonly channel: string;
  readonly job: string;
  readonly createdMs: number;
  /** An AlertBody as JSON. */
  readonly body: string;
};

type SendOptions = { readonly signal: AbortSignal; readonly now: Date };

/** One entry of a job's `notify`. */
export type Channel = Subscription & {
  /** Stays the same as long as the address in the job file is written the same; holds no address. */
  readonly id: string;
  /** For messages: `notify[0] (webhook)`. */
  readonly name: string;
  /** Where messages go first. Throws what hinders them, such as a secret that is missing. */
  server(): { readonly host: string; readonly port: number };
  /** Throws what hinders it, such as a secret that is missing. */
  send(message: QueuedMessage, options: SendOptions): Promise<void>;
};

/** What channels need from outside the job file; called only when something is sent. */
export type ChannelSettings = {
  readonly smtp: () => Smtp;
  /** Fills in the references of a text that stands at a path of the job file. */
  readonly fill: (text: string, path: Path) => string;
};

/** The channels of a job. */
export function channelsOf({ job }: LoadedJob, settings: ChannelSettings): Channel[] {
  return job.notify.map((notification, i) => {
    const { events, remind_after: remind, webhook, email } = notification;
    const own = { ...settings, path: ['notify', i] };
    return {
      id: sha256(`${webhook ?? ''} ${email?.join(' ') ?? ''}`).slice(0, 16),
      name: `notify[${i}] (${webhook === undefined ? 'email' : 'webhook'})`,
      events,
      remindAfterMs: remind === undefined ? undefined : remind.hours * 3_600_000,
      server: () => serverFor(notification, own),
      send: (message, options) => send(notification, own, message, options),
    };
  });
}

type OwnSettings = ChannelSettings & { readonly path: Path };

function serverFor(notification: Notification, settings: OwnSettings): { host: string; port: number } {
  const webhook = webhookOf(notification, settings);
  if (webhook) return serverOf(webhook.url);
  const { host, port } = settings.smtp();
  return { host, port };
}

function webhookOf({ webhook, secret }: Notification, { fill, path }: OwnSettings): Webhook | undefined {
  if (webhook === undefined) return undefined;
  const key = secret === undefined ? undefined : fill(secret, [...path, 'secret']);
  return { url: fill(webhook, [...path, 'webhook']), secret: key };
}

async function send(
  notification: Notification,
  settings: OwnSettings,
  message: QueuedMessage,
  { signal, now }: SendOptions,
): Promise<void> {
  const { email } = notification;
  const webhook = webhookOf(notification, settings);
  if (webhook) {
    await postWebhook(webhook, message, { signal, now });
  } else if (email !== undefined) {
    const body = JSON.parse(message.body) as AlertBody;
    const mail = { to: email, subject: body.title, text: alertText(body), id: message.id };
    const { sendMail } = await import('./email.ts');
    await sendMail(settings.smtp(), mail, signal);
  }
}
