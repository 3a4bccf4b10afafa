import pg from 'pg';
import { SegtagError, type ErrorCode } from '../../errors.ts';
import { isTransient } from '../../transient.ts';
import { codeUnitsBefore, rejected, withoutQuoted } from '../sql-error.ts';
import type { Statement } from '../warehouse.ts';

/** Wraps a failure to open a session: an unreachable server, a refused login, a certificate. */
export function connectError(error: unknown, place: string): unknown {
  if (error instanceof pg.DatabaseError) return refusedLogin(error, place);
  if (error instanceof SegtagError || !(error instanceof Error)) return error;
  const reason = errnoOf(error) ?? error.message;
  if (error.message.startsWith('SASL')) return loginRefused(place, 'the password is missing or of the wrong kind');
  if (/certificate|self.signed|CERT|SSL|TLS|ssl/.test(`${reason} ${error.message}`))
    return new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The encrypted connection failed: ${error.message}.`,
      remedy: 'Check `tls`, `ca`, `cert` and `key` of the connection against what the server offers.',
      cause: error,
    });
  return new SegtagError('E_WAREHOUSE_UNREACHABLE', {
    where: place,
    what: `The warehouse cannot be reached: ${reason}.`,
    remedy: 'Check host and port, and whether a firewall or a stopped server is in between.',
    cause: error,
    transient: isTransient(error),
  });
}

function refusedLogin(error: pg.DatabaseError, place: string): SegtagError {
  const state = error.code ?? '';
  const isLogin = state.startsWith('28') || state === '3D000';
  if (isLogin || state === '42501') return loginRefused(place, `${error.message} (SQLSTATE ${state})`);
  return new SegtagError('E_WAREHOUSE_UNREACHABLE', {
    where: place,
    what: `The server takes no connection now: ${error.message} (SQLSTATE ${state}).`,
    remedy: 'Try again later; when it stays so, ask the administrator of the server.',
    transient: isTransient(error),
  });
}

function loginRefused(place: string, reason: string): SegtagError {
  return new SegtagError('E_LOGIN_REFUSED', {
    where: place,
    what: `The server refused the login: ${reason}.`,
    remedy: 'Check user, password and database of the connection.',
  });
}

/** Sockets tried on several addresses fail with an AggregateError, whose own message is empty. */
function errnoOf(error: Error): string | undefined {
  const { code, errors } = error as { readonly code?: string; readonly errors?: readonly Error[] };
  return code === undefined ? undefined : [code, errors?.[0]?.message ?? error.message].join(' ');
}

type Context = { readonly statement: Statement; readonly sql: string; readonly place: string };

/** Wraps what failed while `sql`, the compiled statement, ran. */
export function queryError(error: unknown, { statement, sql, place }: Context): unknown {
  if (error instanceof SegtagError || !(error instanceof Error)) return error;
  if (!(error instanceof pg.DatabaseError)) return lost(place, errnoOf(error) ?? error.message, error);
  const state = error.code ?? '';
  const code = codeOf(state);
  if (code === 'E_WAREHOUSE_LOST') return lost(place, `${error.message} (SQLSTATE ${state})`, error);
  return rejected(
    {
      code,
      message: messageOf(error),
      sqlState: state,
      offset: error.position === undefined ? undefined : codeUnitsBefore(sql, Number(error.position) - 1),
    },
    statement,
    'postgres',
  );
}

/** True for the error of a statement that was cancelled, by its time limit or by somebody. */
export function isCancelled(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

function lost(place: string, reason: string, error: Error): SegtagError {
  return new SegtagError('E_WAREHOUSE_LOST', {
    where: place,
    what: `The connection broke, or the server stopped the query: ${reason}.`,
    remedy: 'Run it again; nothing was published.',
    transient: isTransient(error),
  });
}

/** Classes of SQLSTATE that are about the server's condition, not about the statement. */
const conditions = new Set(['08', '40', '53', '57', '58', 'F0', 'XX']);
/** Classes whose messages speak of the statement alone: syntax and names, cursors, transactions. */
const aboutStatement = new Set(['0A', '25', '34', '3D', '3F', '42']);

function codeOf(state: string): ErrorCode {
  if (state === '42501') return 'E_GRANT_MISSING';
  return conditions.has(state.slice(0, 2)) ? 'E_WAREHOUSE_LOST' : 'E_SQL_REJECTED';
}

/** DETAIL is never used, and other than about the statement's text nothing in quotes: both may hold a row. */
function messageOf({ code = '', message, hint }: pg.DatabaseError): string {
  if (aboutStatement.has(code.slice(0, 2))) return hint === undefined ? message : `${message}. ${hint}`;
  return code.startsWith('P0') ? 'a function of the database raised an exception' : withoutQuoted(message);
}
