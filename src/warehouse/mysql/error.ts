import { SegtagError, type ErrorCode } from '../../errors.ts';
import { isTransient } from '../../transient.ts';
import { timedOut } from '../interruptible.ts';
import { rejected, withoutQuoted } from '../sql-error.ts';
import type { Statement } from '../warehouse.ts';

/** What the server sends: its own number of the error, and SQLSTATE. */
type ServerError = Error & { readonly errno: number; readonly sqlState: string };

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'sqlState' in error && 'errno' in error && Number(error.errno) > 0;
}

const loginNumbers = new Set([1044, 1045, 1049, 1130, 1251, 1698, 1820, 1862, 3118, 3955, 4151]);

/** Wraps a failure to open a session: an unreachable server, a refused login, a certificate. */
export function connectError(error: unknown, place: string): unknown {
  if (error instanceof SegtagError || !(error instanceof Error)) return error;
  const reason = withCode(error);
  if (isServerError(error) ? loginNumbers.has(error.errno) : /AUTH_SWITCH|auth.*plugin/i.test(reason))
    return new SegtagError('E_LOGIN_REFUSED', {
      where: place,
      what: `The server refused the login: ${error.message}${inBrackets(error)}.`,
      remedy: 'Check user, password and database of the connection, and from which hosts the user may log in.',
    });
  if (!isServerError(error) && /certificate|self.signed|CERT|SSL|TLS|secure connection/i.test(reason))
    return new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The encrypted connection failed: ${reason}.`,
      remedy: 'Check `tls`, `ca`, `cert` and `key` of the connection against what the server offers.',
      cause: error,
    });
  return new SegtagError('E_WAREHOUSE_UNREACHABLE', {
    where: place,
    what: isServerError(error)
      ? `The server takes no connection now: ${error.message}${inBrackets(error)}.`
      : `The warehouse cannot be reached: ${reason}.`,
    remedy: 'Check host and port, and whether a firewall or a stopped server is in between.',
    cause: error,
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

/** The server's own time limit: of MariaDB, then of MySQL. */
const limitNumbers = new Set([1969, 3024]);
/** Killed, shut down, out of memory, disk or locks: about the server's condition, not about the statement. */
const conditionNumbers = new Set([
  3, 5, 12, 28, 1021, 1030, 1037, 1038, 1040, 1041, 1053, 1077, 1114, 1205, 1206, 1213, 1317, 1927, 2006, 2013,
]);
const grantNumbers = new Set([1044, 1142, 1143, 1227, 1345, 1370]);

/** Wraps what failed while a statement ran. The server's words are kept only where they can't quote a row. */
export function queryError(error: unknown, { statement, sql, place, timeoutMs }: Context): unknown {
  if (error instanceof SegtagError || !(error instanceof Error)) return error;
  if (!isServerError(error)) return lost(place, withCode(error), error);
  if (limitNumbers.has(error.errno)) return timedOut(timeoutMs, `${place} ${statement.file}`);
  if (conditionNumbers.has(error.errno)) return lost(place, `${error.message}${inBrackets(error)}`, error);
  const code: ErrorCode = grantNumbers.has(error.errno) ? 'E_GRANT_MISSING' : 'E_SQL_REJECTED';
  const isAboutStatement = error.sqlState.startsWith('42');
  return rejected(
    {
      code,
      message: isAboutStatement ? error.message : withoutQuoted(error.message),
      sqlState: error.sqlState,
      offset: offsetIn(sql, error.message),
    },
    statement,
    'mysql',
  );
}

/** E_WAREHOUSE_LOST; the driver's error, where there is one, says whether trying again may help. */
export function lost(place: string, reason: string, error?: Error): SegtagError {
  return new SegtagError('E_WAREHOUSE_LOST', {
    where: place,
    what: `The connection broke, or the server stopped the query: ${reason}.`,
    remedy: 'Run it again; nothing was published.',
    transient: isTransient(error),
  });
}

/** A row of SHOW WARNINGS. */
export type Warning = { readonly number: number; readonly message: string };

/** Warnings that mean: the value you see isn't the one that the statement asked for. */
const changedValue = new Set([1260, 1264, 1265, 1292, 1366, 1406, 1411, 1441, 1690, 1916, 1918, 3156, 3751, 3903]);

/**
 * MySQL goes on with 0, null or a cut text where other engines refuse, and leaves a warning: that is an
 * error here. Returns undefined when no warning is of that kind.
 */
export function changedValueError(warnings: readonly Warning[], statement: Statement): SegtagError | undefined {
  const found = warnings.find(({ number }) => changedValue.has(number));
  if (!found) return undefined;
  const isCutText = found.number === 1260;
  return rejected(
    {
      code: 'E_SQL_REJECTED',
      message: withoutQuoted(found.message),
      remedy: isCutText
        ? 'Give GROUP_CONCAT less to join, or let the administrator raise group_concat_max_len.'
        : 'MySQL would have gone on with 0, null or a cut value. Leave such rows out in SQL, or convert them by a CASE.',
    },
    statement,
    'mysql',
  );
}

/**
 * MySQL says `near '…' at line n` of a syntax error, where the quotation runs to the end of the statement
 * or 80 characters far. What it names as missing is looked for, and counts if it stands there once.
 */
function offsetIn(sql: string, message: string): number | undefined {
  const [, near, line] = /near '(.*)' at line (\d+)$/s.exec(message) ?? [];
  if (near !== undefined) return offsetNear(sql, near, Number(line));
  const [, name] =
    /^Unknown (?:column|table) '(?:[^']*\.)?([^'.]+)'/.exec(message) ??
    /^(?:Table|FUNCTION|PROCEDURE) '?(?:[^'\s]*\.)?([^'.\s]+)'? (?:doesn't|does not) exist/.exec(message) ??
    /^Column '(?:[^']*\.)?([^'.]+)' in .* is ambiguous/.exec(message) ??
    [];
  if (name === undefined) return undefined;
  const pattern = new RegExp(`(?<![\\w$])${name.replaceAll(/[^\w]/g, String.raw`\$&`)}(?![\\w$])`, 'gi');
  const [first, ...more] = sql.matchAll(pattern);
  return more.length === 0 ? first?.index : undefined;
}

function offsetNear(sql: string, near: string, line: number): number {
  if (near !== '' && !sql.endsWith(near)) {
    const starts = [...allIndexes(sql, near)];
    const inLine = starts.find((start) => sql.slice(0, start).split('\n').length === line);
    if (inLine !== undefined) return inLine;
  }
  if (sql.endsWith(near)) return sql.length - near.length;
  return sql
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, each) => sum + each.length + 1, 0);
}

function* allIndexes(text: string, part: string): Generator<number> {
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) yield at;
}

function withCode(error: Error): string {
  const { code, errors } = error as { readonly code?: string; readonly errors?: readonly Error[] };
  // Sockets tried on several addresses fail with an AggregateError, whose own message is empty.
  const message = error.message || errors?.[0]?.message || 'no connection';
  return code === undefined || message.includes(code) ? message : `${code} ${message}`;
}

function inBrackets(error: Error): string {
  return isServerError(error) ? ` (SQLSTATE ${error.sqlState}, error ${error.errno})` : '';
}
