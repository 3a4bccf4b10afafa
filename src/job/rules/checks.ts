import { isRecord, valueAt } from '../plain-value.ts';
import type { Report } from '../yaml-text.ts';

/** What no single field of a job by rules can say about itself; the values are those of the file. */
export function customerRules(job: unknown, report: Report): void {
  const segments = valueAt(job, ['segments']);
  const rules = valueAt(segments, ['rules']);
  const labels = valueAt(job, ['labels']);
  if (!Array.isArray(rules) || !Array.isArray(labels)) return;
  const slugs = [...rules.map((rule) => valueAt(rule, ['segment'])), valueAt(segments, ['otherwise'])];
  for (const [i, label] of labels.entries()) {
    if (!isRecord(label) || label['when'] !== undefined || typeof label['segment'] !== 'string') continue;
    if (slugs.includes(label['segment'])) continue;
    const known = [...new Set(slugs.filter((slug) => typeof slug === 'string'))];
    report(['labels', i, 'segment'], `no rule gives "${label['segment']}"`, `one of ${known.join(', ')}`);
  }
}
