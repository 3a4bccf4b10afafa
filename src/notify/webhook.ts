import { createHmac } from 'node:crypto';
import { SendFailure } from './send-failure.ts';

export type Webhook = { readonly url: string; readonly secret: string | undefined };

/** The value of the header `Segtag-Signature`: when it was signed, and the HMAC-SHA256 of `<t>.<body>` in hexadecimal. */
export function signature(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

/** Posts a JSON body. Throws SendFailure, without the address, unless the answer is 2xx. */
export async function postWebhook(
  { url, secret }: Webhook,
  message: { readonly id: string; readonly body: string },
  { signal, now }: { readonly signal: AbortSignal; readonly now: Date },
): Promise<void> {
  if (!/^https?:\/\/[^/]/i.test(url)) throw new SendFailure('its address is no http or https address');
  const answer = await fetch(url, {
    method: 'POST',
    body: message.body,
    redirect: 'manual',
    signal,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'segtag',
      'idempotency-key': message.id,
      ...(secret === undefined ? {} : { 'segtag-signature': signature(secret, message.body, now) }),
    },
  }).catch((error: unknown) => {
    throw new SendFailure(reasonOf(error, signal));
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new SendFailure(`it answered ${answer.status}`);
}

/** The code of the network's error alone: its message may hold the address. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it did not answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? 'it cannot be reached';
}
