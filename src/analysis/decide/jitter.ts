/**
 * How much later than its slot a run of a job starts, in whole milliseconds from 0 to less than
 * `jitterMinutes`: always the same for a job and a slot, on every host, and spread evenly over jobs
 * and slots. FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3.
 */
export function jitterMs(job: string, scheduledAt: Date, jitterMinutes: number): number {
  const share = hash(`${job} ${scheduledAt.toISOString()}`) / 2 ** 32;
  return Math.floor(share * jitterMinutes * 60_000);
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
