import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { installedFile } from '../installation.ts';
import { commandTree } from './commands/tree.ts';
import { reportFailure } from './failure.ts';
import type { GlobalOptions } from './project.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Runs one command line and returns the exit code. Commands are loaded when they are called. */
export async function main(argv: readonly string[], terminal: Terminal = openTerminal()): Promise<number> {
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = commandTree({ terminal, finish, version: version() });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Only help and the version end so: nothing is wrong unless help was shown in place of a command.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return await reportFailure(terminal, error, program.opts<Partial<GlobalOptions>>());
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(installedFile('package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : '';
}
