import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SegtagError } from '../errors.ts';
import type { Finding } from './steps.ts';

const leastFreeBytes = 1e9;

/** How much room is left where a file is, or will be. */
export function diskSpace(path: string): Finding {
  const folder = nearestFolder(path);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toLocaleString('en-US', { maximumFractionDigits: 1 })} GB free at ${folder}`;
  return free >= leastFreeBytes ? detail : { detail, next: 'Make room: a night that runs out of it fails.' };
}

/** That a file can be written, or made where it is absent. Throws E_STAGING_READ_ONLY. */
export function writableFile(path: string): string {
  const exists = existsSync(path);
  for (const each of exists ? [path, dirname(path)] : [nearestFolder(path)]) mayWrite(each);
  return exists ? `${path} can be written` : `${path} will be made`;
}

function mayWrite(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new SegtagError('E_STAGING_READ_ONLY', {
      what: `${path} cannot be written to.`,
      remedy: 'Give this user the right to write to the file and its folder.',
      cause,
    });
  }
}

function nearestFolder(path: string): string {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
