import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SegtagError } from '../../errors.ts';
import { didYouMean } from '../../job/did-you-mean.ts';
import type { Job } from '../../job/schema.ts';
import type { Dialect } from '../warehouse.ts';

const recommendationNames = ['purchases', 'pairs'] as const;
const templateNames = ['customers', 'quality', 'trends', ...recommendationNames] as const;
const dialects: readonly Dialect[] = ['vertica', 'postgres', 'mysql', 'duckdb'];

export type Template = {
  readonly name: (typeof templateNames)[number] | 'ready';
  /** Relative to the project folder, with forward slashes. */
  readonly file: string;
  readonly text: string;
};

export type Templates = {
  readonly customers: Template;
  readonly quality: Template | undefined;
  readonly trends: Template | undefined;
  /** Both where the job recommends products, else neither. */
  readonly purchases: Template | undefined;
  readonly pairs: Template | undefined;
  /** What the job waits for; its file has the name that the job gives it. */
  readonly ready: Template | undefined;
  /** Variants of the same templates that other engines use. */
  readonly overridden: readonly Template[];
};

/** The templates that a run of the job on this engine reads. */
export function chosenTemplates(templates: Templates): readonly Template[] {
  const { ready, customers, quality, trends, purchases, pairs } = templates;
  return [ready, customers, quality, trends, purchases, pairs].filter((template) => template !== undefined);
}

/** Reads the SQL folder of a job; `NAME.<dialect>.sql` goes before `NAME.sql`. Throws E_SQL_TEMPLATE. */
export function loadTemplates(projectDir: string, job: Job, dialect: Dialect): Templates {
  const folder = `sql/${job.job}`;
  const path = join(projectDir, folder);
  const files = existsSync(path) ? readdirSync(path).filter((file) => file.endsWith('.sql')) : [];
  const readyName = job.ready?.sql.slice(0, -'.sql'.length);
  const names = [...templateNames, ...(readyName === undefined ? [] : [readyName])];
  const complaints = files.flatMap((file) => (isIdleReady(file, job) ? [] : (nameComplaint(file, names) ?? [])));
  const read = (file: string, name: Template['name']): Template => ({
    name,
    file: `${folder}/${file}`,
    text: readFileSync(join(path, file), 'utf8').replace(/^\uFEFF/, ''),
  });
  const choose = (name: Template['name'], base: string = name): Template | undefined => {
    const file = [`${base}.${dialect}.sql`, `${base}.sql`].find((each) => files.includes(each));
    return file === undefined ? undefined : read(file, name);
  };
  if (complaints.length > 0) throw folderError(folder, complaints, names);
  const idle = files.find((file) => isIdleReady(file, job));
  if (idle !== undefined) throw idleReady(folder, idle);
  const customers = choose('customers');
  if (!customers)
    throw folderError(folder, [`customers.sql is missing${files.length > 0 ? ` for ${dialect}` : ''}`], names);
  const ready = readyName === undefined ? undefined : choose('ready', readyName);
  if (readyName !== undefined && !ready)
    throw folderError(folder, [`${readyName}.sql is missing, but the job waits for what it says`], names);
  const [purchases, pairs] = [choose('purchases'), choose('pairs')];
  const templates = { customers, quality: choose('quality'), trends: choose('trends'), purchases, pairs, ready };
  const removed = job.checks.find(({ check }) => check === 'removed');
  if (removed && !templates.quality)
    throw folderError(folder, ['quality.sql is missing, but a check of the job reads its rules'], names);
  const misplaced = recommendationComplaint(job, templates);
  if (misplaced !== undefined) throw folderError(folder, [misplaced], names);
  const chosen = new Set(chosenTemplates({ ...templates, overridden: [] }).map(({ file }) => file));
  const others = files.filter((file) => !chosen.has(`${folder}/${file}`));
  return { ...templates, overridden: others.map((file) => read(file, templateName(file))) };
}

/** A query such as a job could wait for, where the job waits for nothing. */
function isIdleReady(file: string, { ready }: Job): boolean {
  return ready === undefined && /^ready(\.\w+)?\.sql$/.test(file);
}

function idleReady(folder: string, file: string): SegtagError {
  return new SegtagError('E_SQL_TEMPLATE', {
    where: `${folder}/`,
    what: `${file} is not read: the job waits for nothing.`,
    remedy:
      'Write ready: { wait_up_to: 2h } into the job file to have it wait for what this query says, or remove the file.',
  });
}

function recommendationComplaint(job: Job, templates: Pick<Templates, 'purchases' | 'pairs'>): string | undefined {
  const missing = recommendationNames.find((name) => !templates[name]);
  if (job.recommendations && missing) return `${missing}.sql is missing, but the job has recommendations`;
  const idle = job.recommendations ? undefined : recommendationNames.find((name) => templates[name]);
  return idle && `${idle}.sql is not read: the job has no recommendations`;
}

function templateName(file: string): Template['name'] {
  return templateNames.find((name) => file.startsWith(`${name}.`)) ?? 'ready';
}

function nameComplaint(file: string, names: readonly string[]): string | undefined {
  const [name = '', dialect, ...rest] = file.slice(0, -'.sql'.length).split('.');
  const isTemplate = names.includes(name);
  const isDialect = dialect === undefined || (dialects as readonly string[]).includes(dialect);
  if (isTemplate && isDialect && rest.length === 0) return undefined;
  const suggestedName = isTemplate ? name : didYouMean(name, names);
  const suggestedDialect = isDialect || dialect === undefined ? dialect : didYouMean(dialect, dialects);
  const isNear = suggestedName !== undefined && (dialect === undefined) === (suggestedDialect === undefined);
  if (!isNear || rest.length > 0) return `${file} is not a template`;
  const parts = suggestedDialect === undefined ? [suggestedName] : [suggestedName, suggestedDialect];
  return `${file} is not a template; did you mean ${parts.join('.')}.sql?`;
}

function folderError(folder: string, complaints: readonly string[], names: readonly string[]): SegtagError {
  return new SegtagError('E_SQL_TEMPLATE', {
    where: `${folder}/`,
    what: complaints.join('; '),
    remedy: `Templates are ${names.map((name) => `${name}.sql`).join(', ')}, or NAME.<${dialects.join('|')}>.sql for one engine.`,
  });
}
