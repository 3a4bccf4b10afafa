/** What a code means to a person and to the shell. `docs/errors.md` lists every entry. */
type ErrorEntry = { readonly exit: number; readonly retryable: boolean; readonly meaning: string };

/** The error table: one entry per code, and the only place where exit codes of failures are decided. */
export const errorTable = {
  E_USAGE: entry(2, false, 'The command line is not understood.'),
  E_NOT_FOUND: entry(2, false, 'A job, run, target or connection of that name does not exist.'),
  E_JOB_INVALID: entry(2, false, 'A job file has mistakes; all of them are listed.'),
  E_CONNECTION_CONFIG: entry(2, false, 'The connections file has a mistake, or a secret it refers to is missing.'),
  E_SQL_TEMPLATE: entry(
    2,
    false,
    'A SQL template cannot be read: an unclosed quote, an unknown, unused or missing parameter.',
  ),
  E_SQL_REJECTED: entry(
    2,
    false,
    'The warehouse refused a statement: syntax, an unknown table or column, a type that does not fit.',
  ),
  E_LOGIN_REFUSED: entry(2, false, 'The database refused the user, the password or the database name.'),
  E_GRANT_MISSING: entry(2, false, 'The database user lacks a grant that this command needs.'),
  E_TABLE_CHANGED: entry(2, false, 'A job that has published to one table is now told to publish to another.'),
  E_NOT_MIGRATED: entry(2, false, 'The CRM staging schema is missing or older than this version needs.'),
  E_STAGING_READ_ONLY: entry(2, false, 'The CRM staging database cannot be written to.'),
  E_CHECK_FAILED: entry(3, false, 'A check of the job found more failures than it allows.'),
  E_EMPTY_READ: entry(3, false, 'The source returned no customers at all.'),
  E_COLUMN_CONTRACT: entry(3, false, 'A column that the job needs is missing or has another type.'),
  E_COLUMN_VALUE: entry(3, false, 'A value from the warehouse cannot be represented exactly.'),
  E_TOO_MANY_INVALID: entry(3, false, 'More customers have a missing or duplicate id than the job allows.'),
  E_FEATURE_NOT_FINITE: entry(
    3,
    false,
    'A feature is missing, NaN, infinite or a text without a place in its order for some customers.',
  ),
  E_DEGENERATE_FIT: entry(3, false, 'The customers cannot be split into the clusters that the job asks for.'),
  E_WAREHOUSE_UNREACHABLE: entry(4, true, 'No connection to the warehouse could be made.'),
  E_WAREHOUSE_LOST: entry(4, true, 'The connection to the warehouse broke in the middle of a query.'),
  E_WAREHOUSE_TIMEOUT: entry(4, true, 'A query ran longer than its time limit and was cancelled.'),
  E_NOT_READY: entry(4, true, 'The source was not ready within the time that the job waits for it.'),
  E_CRM_UNREACHABLE: entry(4, true, 'No connection to the CRM staging database could be made.'),
  E_CRM_LOST: entry(4, true, 'The connection to the CRM staging database broke, or a lock was not granted in time.'),
  E_HELD: entry(5, false, 'A guard or a mandatory label held the run; nothing was published.'),
  E_CRM_REFUSED_ROWS: entry(6, false, 'The CRM refused rows; the whole publish was rolled back.'),
  E_ALREADY_RUNNING: entry(7, true, 'Another process is running this job.'),
  E_SLOT_TAKEN: entry(7, false, 'Another process has run, or is running, this time of the schedule.'),
  E_LEASE_LOST: entry(7, true, 'This process was paused or cut off for so long that another may be running the job.'),
  E_STALE_PLAN: entry(8, false, 'The staging tables changed since the plan was computed.'),
  E_PRUNED: entry(
    8,
    false,
    'What is asked for lies before what is kept: changes of the feed, or a run to roll back to.',
  ),
  E_OLDER_THAN_PUBLISHED: entry(8, false, 'The date asked for is older than what is published.'),
  E_INTERRUPTED: entry(130, false, 'Interrupted from the keyboard; nothing was published.'),
  E_TERMINATED: entry(143, false, 'Terminated by a signal; nothing was published.'),
} as const satisfies Record<`E_${string}`, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export type ErrorDetails = {
  /** Where: `jobs/x.yaml:52:28`, a connection, a stage. */
  readonly where?: string;
  /** What is wrong, as one or more sentences. */
  readonly what: string;
  /** The next thing to do. */
  readonly remedy: string;
  readonly cause?: unknown;
  /** The same step may succeed when it is repeated shortly. */
  readonly transient?: boolean;
};

/** A failure that segtag understands. Everything else is a bug, keeps its stack and exits 1. */
export class SegtagError extends Error {
  override readonly name = 'SegtagError';
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly what: string;
  readonly remedy: string;
  readonly transient: boolean;

  constructor(code: ErrorCode, details: ErrorDetails) {
    const place = details.where === undefined ? '' : `${details.where}  `;
    super(`${place}${details.what}`, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.what = details.what;
    this.remedy = details.remedy;
    this.transient = details.transient ?? false;
  }

  get exitCode(): number {
    return errorTable[this.code].exit;
  }
}

function entry(exit: number, retryable: boolean, meaning: string): ErrorEntry {
  return { exit, retryable, meaning };
}
