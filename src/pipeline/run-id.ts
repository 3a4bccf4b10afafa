import { randomInt } from 'node:crypto';
import { SegtagError } from '../errors.ts';

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `<job>-<yyyymmdd>T<hhmmss>Z-<4 base32>`: sorts by time and does not repeat. */
export function newRunId(job: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
  const tail = Array.from({ length: 4 }, () => base32[randomInt(base32.length)]).join('');
  return `${job}-${time}Z-${tail}`;
}

/** The job of a run, from its id; throws E_NOT_FOUND for what is no id of a run. */
export function jobOf(runId: string): string {
  const job = /^(.+)-\d{8}T\d{6}Z-[a-z2-7]{4}$/.exec(runId)?.[1];
  if (job !== undefined) return job;
  throw new SegtagError('E_NOT_FOUND', {
    where: runId,
    what: 'This is not the id of a run.',
    remedy: 'See `segtag runs` for the ids.',
  });
}
