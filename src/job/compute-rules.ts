import { valueAt } from './plain-value.ts';
import type { Job } from './schema.ts';
import type { Report } from './yaml-text.ts';

/** Nested conditions over this many clusters are as much as engines plan well. */
const mostClusters = 20;

/** Why the warehouse can't do a job, whatever it says of `compute`; undefined where it can. */
export function computeObstacle(job: Job): string | undefined {
  const found: string[] = [];
  const note: Report = (_path, message) => found.push(message);
  computeRules({ ...job, compute: 'warehouse' }, note);
  return found[0];
}

/** What `compute: warehouse` can't do is refused, so that nobody takes it for done; the values are those of the file. */
export function computeRules(job: unknown, report: Report): void {
  if (valueAt(job, ['compute']) !== 'warehouse') return;
  const method = valueAt(job, ['segments', 'method']);
  if (method === 'hierarchical') {
    report(['compute'], 'a tree of clusters is built in memory', 'write compute: memory, or method: kmeans');
    return;
  }
  if (method !== 'kmeans') return;
  const k = valueAt(job, ['segments', 'k']);
  if (typeof k === 'number' && k > mostClusters)
    report(
      ['segments', 'k'],
      `the warehouse takes at most ${mostClusters} clusters`,
      'lower it, or write compute: memory',
    );
}
