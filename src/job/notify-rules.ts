import { notifySecrets } from './schema/notify.ts';
import { isRecord, valueAt } from './plain-value.ts';
import { isOneReference } from './reference.ts';
import type { Path, Report } from './yaml-text.ts';

/** Each way to be told has one address, and what is secret about it stands elsewhere. */
export function notifyRules(job: unknown, report: Report): void {
  const list = valueAt(job, ['notify']);
  for (const [i, each] of Array.isArray(list) ? list.entries() : [])
    if (isRecord(each)) notificationRules(each, ['notify', i], report);
}

function notificationRules(each: Readonly<Record<string, unknown>>, path: Path, report: Report): void {
  const [webhook, email] = [each['webhook'] !== undefined, each['email'] !== undefined];
  if (webhook === email)
    report(
      path,
      webhook ? 'webhook and email are two ways to be told' : 'neither webhook nor email says whom to tell',
      'write one of them',
    );
  if (!webhook && each['secret'] !== undefined) report([...path, 'secret'], 'only webhooks are signed', 'remove it');
  for (const key of notifySecrets) {
    const value = each[key];
    const isLiteral = typeof value === 'number' || (typeof value === 'string' && !isOneReference(value));
    if (isLiteral)
      report([...path, key], `${nouns[key]} must not stand in this file`, `write "\${env:${variables[key]}}"`);
  }
}

const nouns = { webhook: "a webhook's address, which may hold a token,", secret: 'a secret' } as const;
const variables = { webhook: 'OPS_WEBHOOK', secret: 'OPS_WEBHOOK_SECRET' } as const;
