import { SegtagError, type ErrorCode } from '../../errors.ts';
import { codeUnitsBefore, rejected, withoutQuoted } from '../sql-error.ts';
import { isTransient } from '../../transient.ts';
import { timedOut } from '../interruptible.ts';
import type { Statement } from '../warehouse.ts';
import { DriverFault, type ServerError } from './driver-shape.ts';

/** Wraps a failure to open a session: an unreachable server, a refused login, a certificate. */
export function connectError(error: unknown, place: string): unknown {
  if (error instanceof SegtagError || !(error instanceof Error)) return error;
  if (isServerError(error)) return refusedLogin(error, place);
  const reason = withCode(error);
  if (/certificate|self.signed|CERT|SSL|TLS/i.test(reason))
    return new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The encrypted connection failed: ${reason}.`,
      remedy: 'Check `tls`, `ca`, `cert` and `key` of the connection against what the server offers.',
      cause: error,
    });
  const fault = error instanceof DriverFault && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new SegtagError('E_WAREHOUSE_UNREACHABLE', {
    where: place,
    what: `The warehouse cannot be reached: ${reason}${fault}.`,
    remedy: 'Check host and port, and whether a firewall or a stopped server is in between.',
    cause: error,
    transient: isTransient(error),
  });
}

function refusedLogin(error: ServerError, place: string): SegtagError {
  const state = error.code;
  if (/^(28|3D)/.test(state) || state === '42501' || /password expired/i.test(error.message))
    return new SegtagError('E_LOGIN_REFUSED', {
      where: place,
      what: `The server refused the login: ${error.message}${inBrackets(state)}.`,
      remedy: 'Check user, password and database of the connection.',
    });
  return new SegtagError('E_WAREHOUSE_UNREACHABLE', {
    where: place,
    what: `The server takes no connection now: ${error.message}${inBrackets(state)}.`,
    remedy: 'Try again later; when it stays so, ask the administrator of the server.',
    transient: isTransient(error),
  });
}

type Context = {
  readonly statement: Statement;
  /** The compiled statement. */
  readonly sql: string;
  readonly place: string;
  readonly timeoutMs: number;
};

/** Wraps what failed while a statement ran. The server's words are kept only where they can't quote a row. */
export function queryError(error: unknown, { statement, sql, place, timeoutMs }: Context): unknown {
  if (error instanceof SegtagError || !(error instanceof Error)) return error;
  if (error instanceof DriverFault) return unreadable(error, statement, place);
  if (!isServerError(error)) return lost(place, withCode(error), error);
  const state = error.code;
  if (state === '57014') return cancelled(error, { place: `${place} ${statement.file}`, timeoutMs });
  if (state === lockTimeout || conditions.has(state.slice(0, 2)))
    return lost(place, `${error.message}${inBrackets(state)}`, error);
  return rejected(
    {
      code: codeOf(state),
      message: aboutStatement.has(state.slice(0, 2)) ? error.message : withoutQuoted(error.message),
      sqlState: state,
      offset: offsetIn(sql, error),
    },
    statement,
    'vertica',
  );
}

/** True for a refusal of the server that leaves the session as it was, whatever it says. */
export function isRefusal(error: unknown): boolean {
  return isServerError(error) && !conditions.has(error.code.slice(0, 2));
}

/** True for a failure to connect that another node of the same database may not have: it is down, full or unknown. */
export function isOfThisHost(error: unknown): boolean {
  if (isServerError(error)) return conditions.has(error.code.slice(0, 2));
  if (!(error instanceof Error)) return false;
  const { syscall } = error as { readonly syscall?: string };
  return (
    syscall === 'connect' ||
    syscall === 'read' ||
    error.message === 'timeout expired' ||
    error.message.startsWith('Connection terminated')
  );
}

/** Vertica gives a position with syntax errors only; what it names as missing is looked for, and counts if it stands there once. */
function offsetIn(sql: string, { message, position }: ServerError): number | undefined {
  if (position !== undefined) return codeUnitsBefore(sql, Number(position) - 1);
  const name = /^(?:Column|Relation|Schema|Type|Function) "?([\w$.]+)"?.* does not exist/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const pattern = new RegExp(`(?<![\\w$.])${name.replaceAll(/[$.]/g, String.raw`\$&`)}(?![\\w$])`, 'gi');
  const [first, ...more] = sql.matchAll(pattern);
  return more.length === 0 ? first?.index : undefined;
}

const lockTimeout = '55V03';
/** Classes of SQLSTATE that are about the server's condition, not about the statement. */
const conditions = new Set(['08', '40', '53', '57', '58', 'V1', 'VX', 'XX']);
/** Classes whose messages speak of the statement alone: syntax and names, prepared statements, transactions. */
const aboutStatement = new Set(['0A', '25', '26', '34', '3D', '3F', '42']);

function codeOf(state: string): ErrorCode {
  return state === '42501' ? 'E_GRANT_MISSING' : 'E_SQL_REJECTED';
}

/** The run-time cap that we set, or somebody's INTERRUPT_STATEMENT. */
function cancelled(error: ServerError, { place, timeoutMs }: { place: string; timeoutMs: number }): SegtagError {
  if (/run ?time ?cap/i.test(error.message)) return timedOut(timeoutMs, place);
  return new SegtagError('E_WAREHOUSE_LOST', {
    where: place,
    what: `The server cancelled the query: ${error.message}${inBrackets(error.code)}.`,
    remedy: 'Ask the administrator who or what cancelled it, and run it again; nothing was published.',
  });
}

function lost(place: string, reason: string, error: Error): SegtagError {
  return new SegtagError('E_WAREHOUSE_LOST', {
    where: place,
    what: `The connection broke, or the server stopped the query: ${reason}.`,
    remedy: 'Run it again; nothing was published.',
    transient: isTransient(error),
  });
}

function unreadable(error: DriverFault, statement: Statement, place: string): SegtagError {
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  if (/non native type/i.test(reason))
    return new SegtagError('E_COLUMN_VALUE', {
      where: statement.file,
      what: 'A column is of a type that cannot be read, such as geometry or a type of the server’s own.',
      remedy: 'Name the columns in the SELECT, without that one, or cast it in SQL to text or a number.',
    });
  if (error.cause === undefined)
    return rejected(
      { code: 'E_SQL_REJECTED', message: reason, remedy: 'Keep one statement per file.' },
      statement,
      'vertica',
    );
  return lost(place, reason, error);
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && error.name === 'error' && 'severity' in error;
}

function withCode(error: Error): string {
  const { code } = error as { readonly code?: string };
  return code === undefined || error.message.includes(code) ? error.message : `${code} ${error.message}`;
}

function inBrackets(state: string | undefined): string {
  return state === undefined ? '' : ` (SQLSTATE ${state})`;
}
