import { createHmac } from 'node:crypto';
import { sendRequest } from './http.ts';

/** Where alerts are posted, and the key that they are signed with. */
export type Webhook = { readonly url: string; readonly secret: string | undefined };

/** The value of the header `Segtag-Signature`: when it was signed, and the HMAC-SHA256 of `<t>.<body>` in hexadecimal. */
export function signature(secret: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

/** Posts a JSON body. Throws SendFailure unless the answer is 2xx. */
export async function postWebhook(
  { url, secret }: Webhook,
  { id, body }: { readonly id: string; readonly body: string },
  { signal, now }: { readonly signal: AbortSignal; readonly now: Date },
): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': id,
    ...(secret === undefined ? {} : { 'segtag-signature': signature(secret, body, now) }),
  };
  await sendRequest(url, { method: 'POST', body, headers }, signal);
}
