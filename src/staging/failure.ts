import { SegtagError, type ErrorCode } from '../errors.ts';
import { isTransient } from '../transient.ts';
import { errorCodeOf, type Engine, type Failure } from './engines/engine.ts';

type Explanation = { readonly what: string; readonly remedy: string; readonly tellsDriverMessage: boolean };

const told = (what: string, remedy: string): Explanation => ({ what, remedy, tellsDriverMessage: true });
const quiet = (what: string, remedy: string): Explanation => ({ what, remedy, tellsDriverMessage: false });

/** Driver messages are passed on only where they can't hold a customer's data. */
const explanations: Partial<Record<ErrorCode, Explanation>> = {
  E_CONNECTION_CONFIG: quiet('The file is not a SQLite database.', 'Correct the file of the connection, or remove it.'),
  E_LOGIN_REFUSED: told('The login was refused.', 'Check user, password and database of the connection.'),
  E_CRM_UNREACHABLE: told(
    'No connection could be made.',
    'Check host, port and tls of the connection, then try again.',
  ),
  E_CRM_LOST: quiet(
    'The connection broke, or a lock was not granted in time. Nothing was written by this step.',
    'Try again. If it stays, look for another process that holds the staging database locked.',
  ),
  E_GRANT_MISSING: told(
    'A grant is missing.',
    'Grant SELECT, INSERT, UPDATE and DELETE on the staging tables; segtag migrate also needs CREATE.',
  ),
  E_STAGING_READ_ONLY: quiet(
    'The staging database cannot be written to.',
    'Make the file and its folder writable for this user, or connect to the writable server.',
  ),
  E_NOT_MIGRATED: quiet(
    'A staging table or column is missing.',
    'Run segtag migrate with a user that may create tables.',
  ),
  E_CRM_REFUSED_ROWS: quiet(
    'The database refused a row; everything was rolled back.',
    'Look at constraints and triggers of the staging tables that segtag did not create.',
  ),
};

/** A driver's error as the failure that it means; a bug keeps its stack but not the SQL and values it may carry. */
export function asSegtagError(error: unknown, engine: Pick<Engine, 'classify' | 'dialect'>, where: string): Error {
  if (error instanceof SegtagError || !(error instanceof Error)) return error as Error;
  const failure = engine.classify(error);
  const explanation = failure && explanations[failure.code];
  if (!failure || !explanation) return isFromDriver(error) ? withoutValues(error, engine.dialect) : error;
  return new SegtagError(failure.code, {
    where,
    what: describe(error, failure, explanation),
    remedy: explanation.remedy,
    cause: withoutValues(error, engine.dialect),
    transient: isTransient(error),
  });
}

function describe(error: Error, failure: Failure, { what, tellsDriverMessage }: Explanation): string {
  const column = failure.column === undefined ? '' : ` Column: ${failure.column}.`;
  const code = errorCodeOf(error);
  // Knex puts the statement in front of the driver's own words.
  const message = tellsDriverMessage ? error.message.split(' - ').at(-1) : '';
  const origin = [code, message].filter(Boolean).join(': ');
  return `${what}${column}${origin ? ` (${origin})` : ''}`;
}

function isFromDriver(error: Error): boolean {
  return errorCodeOf(error) !== '' || 'errno' in error || 'sql' in error;
}

function withoutValues(error: Error, dialect: Engine['dialect']): Error {
  // With `?` for values, as Knex puts it in front of the driver's words, which may quote some.
  const statement = /^((?:select|insert|update|delete|create|alter) .*) - /is.exec(error.message)?.[1];
  const bare = new Error(`${dialect}: ${errorCodeOf(error) || error.name}${statement ? ` in: ${statement}` : ''}`);
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  bare.stack = [`Error: ${bare.message}`, ...frames].join('\n');
  return bare;
}
