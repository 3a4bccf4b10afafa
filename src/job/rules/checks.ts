import { isRecord, valueAt } from '../plain-value.ts';
import type { Report } from '../yaml-text.ts';

/** What no single field of a rule beside clusters or scores can say about itself. */
export function ruleTagRules(job: unknown, report: Report, reportKey: Report): void {
  const ruleTag = valueAt(job, ['rule_tag']);
  if (!isRecord(ruleTag)) return;
  const method = valueAt(job, ['segments', 'method']);
  if (method === 'rules') reportKey(['rule_tag'], 'the segments are rules already', 'remove it');
  if (method !== 'kmeans' && method !== 'hierarchical') return;
  const known = labelSlugs(valueAt(job, ['labels']));
  const rules = ruleTag['rules'];
  const paths = Array.isArray(rules) ? [...rules.keys()].map((i) => ['rule_tag', 'rules', i, 'segment']) : [];
  for (const path of [...paths, ['rule_tag', 'otherwise']]) {
    const slug = valueAt(job, path);
    if (typeof slug === 'string' && !known.includes(slug))
      report(path, `no label publishes "${slug}", so nobody could agree`, `one of ${known.join(', ')}`);
  }
}

function labelSlugs(labels: unknown): string[] {
  if (!Array.isArray(labels)) return [];
  return labels.flatMap((label) => {
    const slug = valueAt(label, ['segment']);
    return [...(typeof slug === 'string' ? [slug] : []), ...labelSlugs(valueAt(label, ['children', 'labels']))];
  });
}

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
