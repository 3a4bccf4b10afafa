import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { SegtagError } from '../errors.ts';
import type { TagSet } from '../frame/tags.ts';
import { loadJob } from '../job/load-job.ts';
import { csvToParquet } from '../warehouse/duckdb/csv-to-parquet.ts';
import { formatCount } from './text/numbers.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { countActive, tagColumns, tagLines } from './text/tag-lines.ts';
import type { Terminal } from './terminal.ts';
import { withStaging } from './with-staging.ts';
import { writeWhole } from './write-whole.ts';

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
