import { main } from '../../src/cli/program.ts';
import type { Ended } from './project.ts';

/**
 * Runs a command line in this process, which costs a fraction of one of its own. Only what goes through the terminal is
 * told: no JSON logs, no signals.
 */
export async function typed(args: readonly string[]): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  const exitCode = await main(args, {
    say: (line) => (text.stderr += `${line}\n`),
    live: () => {},
    print: (line) => (text.stdout += `${line}\n`),
    style: (_style, words) => words,
    width: undefined,
  });
  return { exitCode, ...text };
}
