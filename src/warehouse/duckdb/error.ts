import { SegtagError } from '../../errors.ts';
import { codeUnitsBefore, rejected, type Rejection } from '../sql-error.ts';
import type { Statement } from '../warehouse.ts';

/** DuckDB's own account of a failure, as it gives it with errors_as_json. */
type Failure = { readonly type: string; readonly message: string; readonly position: number | undefined };

type Context = { readonly statement: Statement; readonly sql: string; readonly place: string };

/** Wraps what DuckDB threw while it prepared or ran `sql`, the compiled statement. */
export function duckdbError(error: unknown, { statement, sql, place }: Context): unknown {
  const failure = failureOf(error);
  if (!failure) return error;
  if (lostTypes.has(failure.type) && !failure.message.startsWith('No files found'))
    return new SegtagError('E_WAREHOUSE_LOST', {
      where: place,
      what: `DuckDB stopped in the middle of a query: ${failure.message}`,
      remedy: 'Run it again; when it happens again, check the disk, and the files that the views read.',
    });
  return rejected(rejectionOf(failure, sql), statement, 'duckdb');
}

/** Wraps what DuckDB threw while it opened a database file. */
export function openError(error: unknown, place: string): SegtagError {
  const message = failureOf(error)?.message ?? (error instanceof Error ? error.message : String(error));
  if (message.includes('Could not set lock')) {
    const holder = /held in ([^.]*\(PID \d+\))/.exec(message)?.[1] ?? 'another process';
    return new SegtagError('E_WAREHOUSE_UNREACHABLE', {
      where: place,
      what: `The database file is locked by ${holder}, which writes to it.`,
      remedy: 'Wait until it has finished, or stop it.',
      transient: true,
    });
  }
  return new SegtagError('E_CONNECTION_CONFIG', {
    where: place,
    what: `DuckDB cannot open the database: ${message}.`,
    remedy: 'Check `file`, `attach`, memory_limit (such as 4GB) and threads of the connection.',
  });
}

/** What DuckDB says, without values of rows, and where in `sql` (UTF-16 code units from 0). */
export function rejectionOf({ type, message, position }: Failure, sql: string): Rejection {
  const offset = position === undefined ? undefined : offsetOf(type, position, sql);
  if (type === 'Out of Memory')
    return {
      code: 'E_SQL_REJECTED',
      message: 'DuckDB ran out of memory',
      remedy: 'Raise memory_limit of the connection, or make the query read less.',
    };
  return { code: 'E_SQL_REJECTED', message: dataTypes.has(type) ? dataMessage(type, message) : brief(message), offset };
}

/** Reads DuckDB's JSON, or undefined when somebody else threw. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const start = error.message.indexOf('{"exception_type"');
  if (start < 0) return undefined;
  const { exception_type, exception_message, position } = JSON.parse(error.message.slice(start)) as {
    readonly exception_type: string;
    readonly exception_message: string;
    readonly position?: string;
  };
  return {
    type: exception_type,
    message: exception_message,
    position: position === undefined ? undefined : Number(position),
  };
}

const lostTypes = new Set(['IO', 'HTTP', 'Connection', 'INTERNAL', 'FATAL', 'INTERRUPT', 'TransactionContext']);

/** Errors that arise from values, so that their messages quote values. */
const dataTypes = new Set(['Conversion', 'Out of Range', 'Invalid Input', 'Divide by Zero', 'Decimal', 'Invalid']);

const aboutTheStatement = /^(Cannot prepare multiple|No statement to prepare|Cannot execute statement of type)/;

function dataMessage(type: string, message: string): string {
  if (aboutTheStatement.test(message)) return brief(message);
  const details = [
    [' to ', / to '?([A-Z][A-Z0-9_]*)'?/],
    [' from column ', /from source column (\w+)/],
    [' on line ', /CSV Error on Line: (\d+)/],
    [' of ', /^\s*file = (.*)$/m],
  ] as const;
  const known = details.map(([word, pattern]) => pattern.exec(message)?.[1]?.replace(/^/, word) ?? '');
  return `a value does not fit${known.join('')} (${type} error; the value is not shown)`;
}

/** The first paragraph, without DuckDB's long lists of candidate functions. */
function brief(message: string): string {
  const [first = ''] = message.split(/\n\s*\n|\n\tCandidate functions/);
  return first.replaceAll(/\s*\n\s*/g, ' ').slice(0, 400);
}

/** DuckDB's parser counts characters, its binder counts bytes. */
function offsetOf(type: string, position: number, sql: string): number {
  if (type === 'Parser') return codeUnitsBefore(sql, position);
  return Buffer.from(sql).subarray(0, position).toString().length;
}
