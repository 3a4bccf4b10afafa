import { errorTable, SegtagError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** Prints a failure for a person, or as one JSON object, and returns the exit code. */
export function reportFailure(terminal: Terminal, error: unknown, json: boolean): number {
  if (!(error instanceof SegtagError)) {
    terminal.say(
      `This is a bug in segtag. Please report it with these lines:\n${error instanceof Error ? error.stack : String(error)}`,
    );
    if (json) printJson(terminal, { code: 'E_BUG', exit: 1, retryable: false, what: 'a bug in segtag' });
    return 1;
  }
  const { code, where, what, remedy, exitCode } = error;
  if (json) printJson(terminal, { code, exit: exitCode, retryable: errorTable[code].retryable, where, what, remedy });
  if (code === 'E_JOB_INVALID') {
    terminal.say(what);
    return exitCode;
  }
  const place = where === undefined ? '' : `  ${where}`;
  terminal.say(`${terminal.style('red', code)}${place}`);
  terminal.say(what);
  terminal.say(`${terminal.style('bold', 'Next:')} ${remedy}`);
  return exitCode;
}

function printJson(terminal: Terminal, error: Record<string, unknown>): void {
  terminal.print(JSON.stringify({ schemaVersion: 1, error }));
}
