import { describe, expect, it } from 'vitest';
import { parseJob } from '../../src/job/load-job.ts';
import { formatMistake } from '../../src/job/mistake.ts';
import { sampleJob } from './sample-job.ts';

const segments = 'segments: { method: kmeans, k: 2';

/** What is wrong with the sample once it is computed in the warehouse and this is changed. */
function mistakesOf(piece = segments, replacement = segments): string[] {
  expect(sampleJob).toContain(piece);
  const text = sampleJob.replace(piece, replacement).replace('segments: {', 'compute: warehouse\nsegments: {');
  const parsed = parseJob(text, 'jobs/opportunities.yaml');
  return 'mistakes' in parsed ? parsed.mistakes.map((mistake) => formatMistake(mistake).split('\n')[0]!) : [];
}

describe('compute: warehouse', () => {
  it('takes jobs of k-means, whose number of clusters may be chosen and whose features may be texts, and memory is where jobs are computed by default', () => {
    expect(mistakesOf()).toEqual([]);
    expect(mistakesOf(segments, 'segments: { method: kmeans, k: auto')).toEqual([]);
    const parsed = parseJob(sampleJob, 'jobs/opportunities.yaml');
    expect('job' in parsed && parsed.job.compute).toBe('memory');
  });

  it('refuses at its line what the warehouse cannot do', () => {
    expect(mistakesOf(segments, 'segments: { method: kmeans, k: 21')).toContainEqual(
      expect.stringMatching(
        /^jobs\/opportunities\.yaml:\d+:\d+ {2}segments\.k: the warehouse takes at most 20 clusters$/,
      ),
    );
    const ward = sampleJob.replace('method: kmeans', 'method: hierarchical').replace(/, restarts: \d+/, '');
    const parsed = parseJob(ward.replace('segments: {', 'compute: warehouse\nsegments: {'), 'jobs/opportunities.yaml');
    expect('mistakes' in parsed && parsed.mistakes.map(formatMistake).join('\n')).toMatch(
      /:\d+:\d+ {2}compute: a tree of clusters is built in memory/,
    );
  });
});
