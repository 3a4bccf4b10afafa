import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SegtagError } from '../errors.ts';

/**
 * Makes a file aside and renames it, so that whoever reads its name finds all of it or what was there before. Throws
 * E_USAGE where it can't be written.
 */
export async function writeWhole(file: string, write: (draft: string) => void | Promise<void>): Promise<void> {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    await write(draft);
    renameSync(draft, file);
  } catch (cause) {
    throw new SegtagError('E_USAGE', {
      where: file,
      what: `The file cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Write to a folder that you may write to, on a disk with room.',
      cause,
    });
  } finally {
    rmSync(draft, { force: true });
  }
}
