import { errorTable, SegtagError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { GlobalOptions } from './project.ts';
import type { Terminal } from './terminal.ts';

/** Reports a failure as the options ask, for a person or a program, and returns the exit code. */
export async function reportFailure(
  terminal: Terminal,
  error: unknown,
  options: Partial<GlobalOptions>,
  log?: Logger,
): Promise<number> {
  const failure = describe(error);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, error: failure }));
  if (options.logFormat === 'json') logFailure(log ?? (await plainLog()), failure, error);
  else if (error instanceof SegtagError) sayFailure(terminal, error);
  else terminal.say(`This is a bug in segtag. Please report it with these lines:\n${stackOf(error)}`);
  return failure.exit;
}

type Failure = {
  readonly code: string;
  readonly exit: number;
  readonly retryable: boolean;
  readonly where?: string | undefined;
  readonly what: string;
  readonly remedy?: string;
};

function describe(error: unknown): Failure {
  if (!(error instanceof SegtagError)) return { code: 'E_BUG', exit: 1, retryable: false, what: 'a bug in segtag' };
  const { code, where, what, remedy, exitCode } = error;
  return { code, exit: exitCode, retryable: errorTable[code].retryable, where, what, remedy };
}

function logFailure(log: Logger, failure: Failure, error: unknown): void {
  const stack = error instanceof SegtagError ? {} : { stack: stackOf(error) };
  log.error(failure.what, { ...failure, ...stack });
}

const listsOfMistakes: readonly string[] = ['E_JOB_INVALID', 'E_CONNECTION_CONFIG', 'E_SQL_TEMPLATE'];

/** Mistakes in files come ready to read, each with its own place and way out. */
function sayFailure(terminal: Terminal, { code, where, what, remedy }: SegtagError): void {
  if (where === undefined && listsOfMistakes.includes(code)) return terminal.say(what);
  terminal.say(`${terminal.style('red', code)}${where === undefined ? '' : `  ${where}`}`);
  terminal.say(what);
  terminal.say(`${terminal.style('bold', 'Next:')} ${remedy}`);
}

async function plainLog(): Promise<Logger> {
  const { createLogger } = await import('../log.ts');
  return createLogger(process.stderr);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
