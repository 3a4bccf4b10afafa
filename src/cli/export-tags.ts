import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SegtagError } from '../errors.ts';
import type { TagSet } from '../frame/tags.ts';
import { loadJob } from '../job/load-job.ts';
import { csvToParquet } from '../warehouse/duckdb/csv-to-parquet.ts';
import { formatCount } from './text/numbers.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { countActive, tagColumns, tagLines } from './text/tag-lines.ts';
import type { Terminal } from './terminal.ts';
import { withStaging } from './with-staging.ts';

type ExportTagsOptions = GlobalOptions & { readonly format: 'csv' | 'parquet'; readonly out?: string };

/** `segtag export <job>`: the published tags of active customers, with their ids, as a file or on stdout. */
export async function exportTagsCommand(
  terminal: Terminal,
  jobName: string,
  options: ExportTagsOptions,
): Promise<number> {
  const { format, out, json } = options;
  if (out === undefined && (format === 'parquet' || json))
    throw new SegtagError('E_USAGE', {
      what: `${format === 'parquet' ? 'Parquet' : 'With --json the file'} does not go to stdout.`,
      remedy: `Name the file: --out ${jobName}.${format}`,
    });
  const project = openProject(options);
  const { job } = loadJob(project.directory, jobName);
  const { table, connection } = job.publish;
  const tags = await withStaging(project, connection, async (staging) => {
    await staging.requireMigrated(table);
    if ((await staging.publishedBase(job.job)) === null) refuseUnpublished(job.job);
    return staging.readTags({ job: job.job, table, withScores: true });
  });
  if (out === undefined) {
    for (const lines of tagLines(tags)) terminal.print(lines);
    return 0;
  }
  await writeWhole(resolve(out), (draft) => (format === 'csv' ? writeCsv(draft, tags) : writeParquet(draft, tags)));
  const rows = countActive(tags);
  if (json) terminal.print(JSON.stringify({ schemaVersion: 1, job: job.job, format, file: out, rows }));
  else terminal.print(`Wrote ${formatCount(rows)} tags of ${job.job} to ${out}.`);
  return 0;
}

/** Makes a file aside and renames it, so that whoever reads its name finds all of it or what was there before. */
async function writeWhole(file: string, write: (draft: string) => void | Promise<void>): Promise<void> {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    await write(draft);
    renameSync(draft, file);
  } catch (cause) {
    throw new SegtagError('E_USAGE', {
      where: file,
      what: `The file cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Name a file in a folder that you may write to, on a disk with room.',
      cause,
    });
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeCsv(draft: string, tags: TagSet): void {
  const file = openSync(draft, 'wx');
  try {
    for (const lines of tagLines(tags)) writeSync(file, `${lines}\n`);
  } finally {
    closeSync(file);
  }
}

async function writeParquet(draft: string, tags: TagSet): Promise<void> {
  const csv = `${draft}.csv`;
  try {
    writeCsv(csv, tags);
    await csvToParquet(csv, draft, tagColumns);
  } finally {
    rmSync(csv, { force: true });
  }
}

function refuseUnpublished(job: string): never {
  throw new SegtagError('E_NOT_FOUND', {
    where: job,
    what: 'Nothing is published yet.',
    remedy: `Publish a night first: segtag run ${job}`,
  });
}
