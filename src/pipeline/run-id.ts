import { randomInt } from 'node:crypto';

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `<job>-<yyyymmdd>T<hhmmss>Z-<4 base32>`: sorts by time and does not repeat. */
export function newRunId(job: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
  const tail = Array.from({ length: 4 }, () => base32[randomInt(base32.length)]).join('');
  return `${job}-${time}Z-${tail}`;
}

/** The job of a run, from its id. */
export function jobOf(runId: string): string {
  return runId.replace(/-\d{8}T\d{6}Z-[a-z2-7]{4}$/, '');
}
