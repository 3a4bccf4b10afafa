import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { effectiveText } from '../../src/job/effective.ts';
import { parseJob } from '../../src/job/load-job.ts';
import type { Job } from '../../src/job/schema.ts';
import { sampleJob } from './sample-job.ts';

function jobIn(text: string, name: string): Job {
  const parsed = parseJob(text, `jobs/${name}.yaml`);
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.map(({ message }) => message).join('\n'));
  return parsed.job;
}

/** A job without the places of its conditions in the text, which move when a text is written anew. */
function meaning(job: Job): unknown {
  return JSON.parse(JSON.stringify(job, (key, value: unknown) => (key === 'span' ? undefined : value)));
}

const bundled = readdirSync('jobs').map((file): [string, string] => [
  basename(file, '.yaml'),
  readFileSync(`jobs/${file}`, 'utf8'),
]);

describe('effectiveText', () => {
  it.each([...bundled, ['opportunities', sampleJob] as const])('says the same job as %s.yaml', (name, text) => {
    const effective = effectiveText(text);
    expect(meaning(jobIn(effective, name))).toEqual(meaning(jobIn(text, name)));
    expect(effectiveText(effective)).toBe(effective);
  });

  it('leaves nothing to a default that has a value', () => {
    const job = parse(effectiveText(sampleJob)) as Record<string, Record<string, unknown>>;
    expect(job['publish']).toEqual({
      connection: 'crm',
      table: 'segment_tag',
      leavers: 'tombstone',
      scores: 'with_segment',
      keep_runs: 90,
    });
    expect(job['guards']).toMatchObject({
      moved: { max: '10%', min_customers: 10, then: 'hold' },
      leavers: { max: '10%', min_customers: 10, then: 'hold' },
      silhouette_sq: 'off',
      segment_vanishes: { then: 'hold' },
    });
    expect(job['outliers']).toMatchObject({ method: 'iqr', factor: 3, side: 'both' });
    expect(job['features']).toMatchObject({ value: { transform: 'log1p', weight: 1 } });
    expect(job['retry']).toEqual({ budget_seconds: 120 });
  });

  it('tells of what is decided by the rest of the job', () => {
    expect(effectiveText(sampleJob)).toMatch(/^# guards\.psi: .*default max 0\.25, off where moved is off$/m);
  });
});
