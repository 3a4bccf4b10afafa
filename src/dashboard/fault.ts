import { errorTable, SegtagError, type ErrorCode } from '../errors.ts';

/** A failure as a page or a program is told of it. */
export type Fault = {
  readonly status: 400 | 404 | 409 | 500 | 502;
  readonly title: string;
  readonly what: string;
  readonly remedy?: string;
  readonly code?: string;
};

/** The state is no longer the one that the page has shown. */
const conflicts: readonly ErrorCode[] = [
  'E_STALE_PLAN',
  'E_ALREADY_RUNNING',
  'E_LEASE_LOST',
  'E_OLDER_THAN_PUBLISHED',
  'E_PRUNED',
  'E_TABLE_CHANGED',
];

/** What to answer to a failure. A bug says nothing of itself: its message may hold anything. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof SegtagError))
    return { status: 500, title: 'A bug in segtag', what: 'What happened stands in the output of the dashboard.' };
  const { code, what, remedy } = error;
  return { status: statusOf(code), title: titleOf(code), what, remedy, code };
}

function statusOf(code: ErrorCode): Fault['status'] {
  if (code === 'E_NOT_FOUND') return 404;
  if (conflicts.includes(code)) return 409;
  return errorTable[code].retryable ? 502 : 400;
}

function titleOf(code: ErrorCode): string {
  if (code === 'E_NOT_FOUND') return 'Not found';
  return conflicts.includes(code) ? 'Not done: the state has changed' : 'Not done';
}
