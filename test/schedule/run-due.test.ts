import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { jitterMs } from '../../src/analysis/decide/jitter.ts';
import { jobSchema } from '../../src/job/schema.ts';
import { createLogger } from '../../src/log.ts';
import { runDue } from '../../src/schedule/run-due.ts';

const slot = new Date('2026-06-30T02:00:00Z');
const schedule = jobSchema.shape.schedule.parse({ cron: '0 2 * * *', jitter_minutes: 10, timeout_minutes: 1 })!;
const dayBefore = new Date('2026-06-29T02:00:00Z');

/** Runs what is due at the slot, on a clock that goes ten minutes a second; tells when runs started. */
async function started(newestTaken: (now: Date) => Date): Promise<Date[]> {
  const began = Date.now();
  const now = (): Date => new Date(slot.getTime() + 600 * (Date.now() - began));
  const starts: Date[] = [];
  await runDue(
    { job: 'opportunities', schedule, newestTaken: async () => newestTaken(now()) },
    {
      commandOf: () => {
        starts.push(now());
        return [process.execPath, '-e', ''];
      },
      log: createLogger(new PassThrough()),
      signal: new AbortController().signal,
      graceMs: 1000,
      now,
    },
  );
  return starts;
}

describe('a slot with jitter', () => {
  const jitter = jitterMs('opportunities', slot, 10);

  it('starts that much later', async () => {
    const [start] = await started(() => dayBefore);
    expect(jitter).toBeGreaterThan(60_000);
    expect(start!.getTime()).toBeGreaterThanOrEqual(slot.getTime() + jitter);
  });

  it('is left to a host that takes it meanwhile', async () => {
    expect(await started((now) => (now.getTime() > slot.getTime() + 30_000 ? slot : dayBefore))).toEqual([]);
  });
});
