import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a report in one step: a reader sees the whole file or none. Makes the folders that are missing. */
export function writeReportFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

const nightFile = /-\d{8}T\d{6}Z-[a-z2-7]{4}\.html$/;

/** Removes the reports of a folder but the newest; files of other names stay. */
export function keepNewest(folder: string, keep: number): void {
  const nights = readdirSync(folder)
    .filter((name) => nightFile.test(name))
    .sort();
  for (const name of nights.slice(0, Math.max(0, nights.length - keep))) rmSync(join(folder, name), { force: true });
}
