import { hostname } from 'node:os';
import { SegtagError } from '../errors.ts';
import type { Lease } from '../staging/runs/lease.ts';
import type { Staging } from '../staging/staging.ts';

/** A dead worker is noticed when its lease has run out: well within two minutes. */
const usualLeaseMs = 60_000;

/** This process, as a message to others names it. */
export function holderName(): string {
  return `${hostname()} (process ${process.pid})`;
}

/**
 * Does work as the only run of the job on any host. The lease is renewed while the work goes on;
 * when that fails, `lost` aborts. The publish itself checks the lease once more.
 */
export async function underLease<Result>(
  staging: Staging,
  run: { readonly job: string; readonly runId: string; readonly signal: AbortSignal; readonly leaseMs?: number },
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { job, runId, leaseMs = usualLeaseMs } = run;
  const lease = await staging.acquireLease({ job, runId, holder: holderName(), leaseMs });
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    staging
      .renewLease(lease, leaseMs)
      .then((renewed) => (renewed ? undefined : lost.abort(leaseLost(job))))
      .catch(() => {}); // an unreachable database is met again by the next stage, or by the publish
  }, leaseMs / 3);
  try {
    return await work(lease, AbortSignal.any([run.signal, lost.signal]));
  } finally {
    clearInterval(heartbeat);
    await staging.releaseLease(lease).catch(() => {}); // it runs out by itself
  }
}

function leaseLost(job: string): SegtagError {
  return new SegtagError('E_LEASE_LOST', {
    where: job,
    what: 'This run was paused or cut off for longer than its lease. Nothing was published.',
    remedy: 'Run the job again.',
  });
}
