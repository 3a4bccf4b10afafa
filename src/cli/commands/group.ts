import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

/** What a group of commands is added to; `finish` takes the exit code. */
export type Group = {
  readonly program: Command;
  readonly terminal: Terminal;
  readonly finish: (exitCode: number) => void;
};
