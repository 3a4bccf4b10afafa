import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { referencePath, referenceText } from './help/reference.ts';
import type { GlobalOptions } from './project.ts';
import type { Terminal } from './terminal.ts';

/** `segtag reference`: every command as Markdown, printed, or written where the product keeps it. */
export function referenceCommand(
  terminal: Terminal,
  program: Command,
  { write, directory }: GlobalOptions & { readonly write?: boolean },
): number {
  const text = referenceText(program);
  if (!write) {
    terminal.print(text.trimEnd());
    return 0;
  }
  writeFileSync(join(directory, referencePath), text);
  terminal.print(`Wrote ${referencePath}.`);
  return 0;
}
