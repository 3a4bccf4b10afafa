import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { keyReferenceText } from './help/key-reference.ts';
import { referenceText } from './help/reference.ts';
import type { GlobalOptions } from './project.ts';
import type { Terminal } from './terminal.ts';

/** The pages that the product writes of itself, by their path in its own folder. */
export function references(program: Command): Record<string, string> {
  return { 'docs/cli.md': referenceText(program), 'docs/keys.md': keyReferenceText() };
}

/** `segtag reference`: these pages, printed, or written where the product keeps them. */
export function referenceCommand(
  terminal: Terminal,
  program: Command,
  { write, directory }: GlobalOptions & { readonly write?: boolean },
): number {
  const pages = references(program);
  if (!write) {
    terminal.print(Object.values(pages).join('\n').trimEnd());
    return 0;
  }
  for (const [path, text] of Object.entries(pages)) writeFileSync(join(directory, path), text);
  terminal.print(`Wrote ${Object.keys(pages).join(', ')}.`);
  return 0;
}
