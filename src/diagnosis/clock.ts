import type { Finding } from './steps.ts';

const mostSkewMs = 1000;

/** How far the clock that `ask` reads (milliseconds since 1970) is from ours; the way there and back is allowed for. */
export async function compareClocks(ask: () => Promise<number>, now: () => number): Promise<Finding> {
  const before = now();
  const theirs = await ask();
  const after = now();
  const skewMs = Math.round(theirs - (before + after) / 2);
  const detail = `the server's clock is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead of'} ours`;
  if (Math.abs(skewMs) <= mostSkewMs + (after - before) / 2) return detail;
  return { detail, next: 'Set both clocks by NTP: nights, leases and “since” dates are told by them.' };
}
