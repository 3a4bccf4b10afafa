import { describe, expect, it } from 'vitest';
import { lintLabels } from '../../../src/analysis/labels/lint.ts';
import { parseJob } from '../../../src/job/load-job.ts';
import { sampleJob } from '../../job/sample-job.ts';

/** What is found in the sample job when its label for long-gone customers reads like this. */
function findings(winBack: string, window = ''): string[] {
  const text = sampleJob
    .replace('prototype: { recency_days: 85, value: 45 }', winBack)
    .replace('  - { check: row_count', `${window}  - { check: row_count`);
  const parsed = parseJob(text, 'jobs/opportunities.yaml');
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.map(({ message }) => message).join('\n'));
  return lintLabels(parsed.job, 2).map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);
}

const years = '  - { check: range, columns: [recency_days], min: 0, max: 800 }\n';

describe('labels before there is any data', () => {
  it('find nothing in a job that is all right', () => {
    expect(findings('when: recency_days.median >= 365 ~30')).toEqual([]);
    expect(findings('prototype: { recency_days: 85 }, when: recency_days.pct >= 60 and size_share < 50%')).toEqual([]);
  });

  it('see the threshold of 730 days in a window of 800, from a check or from the parameter', () => {
    const thin = (because: string) =>
      `warn labels.1.when: only 70 of the 800 that recency_days spans (${because}) lie above 730`;
    expect(findings('when: recency_days.median > 730', years)).toEqual([thin('the range check')]);
    expect(findings('when: recency_days.median > 730')).toEqual([thin('window_days')]);
    expect(findings('when: share(recency_days > 730) >= 50%')).toEqual([thin('window_days')]);
    expect(findings('prototype: { value: 5 }, guard: recency_days >= 730, guard_else: abm')).toEqual([
      'warn labels.1.guard: only 70 of the 800 that recency_days spans (window_days) lie above 730',
    ]);
  });

  it('see a threshold beyond the window, which no cluster ever meets', () => {
    expect(findings('when: recency_days.median > 800', years)).toEqual([
      'error labels.1.when: recency_days lies between 0 and 800 (the range check), so this is never true',
      'error labels.1: no cluster can fit win_back: its degree stays below min_degree (0.5) wherever a cluster lies',
    ]);
    expect(findings('when: recency_days.median >= 0 and value.pct < 50', years)).toEqual([
      'warn labels.1.when: recency_days lies between 0 and 800 (the range check), so this is always true',
    ]);
  });

  it('see figures in the wrong unit', () => {
    expect(findings('when: recency_days.pct > 180')[0]).toBe(
      'error labels.1.when: a percentile lies between 0 and 100, so this is never true',
    );
    expect(findings('when: size_share >= 20')[0]).toBe(
      'error labels.1.when: a share lies between 0 and 1, so this is never true',
    );
    expect(findings('when: rank(recency_days) == 3')[0]).toBe(
      'error labels.1.when: of 2 clusters the ranks go from 1 to 2, so this is never true',
    );
  });

  it('see labels that nothing can fit, though each part alone could be true', () => {
    const unreachable =
      'error labels.1: no cluster can fit win_back: its degree stays below min_degree (0.5) wherever a cluster lies';
    expect(findings('prototype: { recency_days: 85 }, when: recency_days.pct < 40')).toEqual([unreachable]);
    expect(findings('when: recency_days.pct < 40 and recency_days.pct > 60')).toEqual([unreachable]);
    // 26.3 percentiles off the degree is a half: 59 is near enough, 58 is not.
    expect(findings('prototype: { recency_days: 85 }, when: recency_days.pct < 59')).toEqual([]);
    expect(findings('prototype: { recency_days: 85 }, when: recency_days.pct < 58')).toEqual([unreachable]);
  });

  it('see two labels for the same clusters', () => {
    expect(findings('prototype: { value: 95 }')).toEqual([
      'error labels.1: win_back describes the same clusters as abm, so chance would name them',
    ]);
  });
});
