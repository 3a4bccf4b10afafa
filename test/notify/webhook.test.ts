import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signature } from '../../src/notify/webhook.ts';

const body = '{"schemaVersion":1,"event":"failed"}';
const now = new Date('2026-03-01T02:00:00.900Z');

/** The function that the documentation gives to receivers. */
async function documentedCheck(): Promise<
  (given: { header: string; body: string; secret: string; now: Date }) => boolean
> {
  const [, code = ''] = /```js\n(\/\/ verify[\s\S]*?)```/.exec(readFileSync('docs/operating.md', 'utf8')) ?? [];
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    verify: (given: { header: string; body: string; secret: string; now: Date }) => boolean;
  };
  return module.verify;
}

describe('the signature of a webhook', () => {
  it('is the HMAC-SHA256 of the time and the body', () => {
    const seconds = Date.UTC(2026, 2, 1, 2) / 1000;
    const expected = createHmac('sha256', 'key').update(`${seconds}.${body}`).digest('hex');
    expect(signature('key', body, now)).toBe(`t=${seconds},v1=${expected}`);
  });

  it('is accepted by the code of the documentation, which refuses another body, key or time', async () => {
    const verify = await documentedCheck();
    const header = signature('key', body, now);
    expect(verify({ header, body, secret: 'key', now })).toBe(true);
    expect(verify({ header, body: `${body} `, secret: 'key', now })).toBe(false);
    expect(verify({ header, body, secret: 'other', now })).toBe(false);
    expect(verify({ header, body, secret: 'key', now: new Date(now.getTime() + 301_000) })).toBe(false);
  });
});
