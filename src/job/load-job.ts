import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SegtagError } from '../errors.ts';
import { checkYaml } from './check-yaml.ts';
import { didYouMean } from './did-you-mean.ts';
import { jobRules } from './job-rules.ts';
import { jobWords } from './job-words.ts';
import { withoutSecrets } from './masked.ts';
import { mistakeAt, mistakesError, type Mistake, type Range } from './mistake.ts';
import { jobSchema, type Job } from './schema.ts';
import { pathText, readYaml, type Path, type YamlText } from './yaml-text.ts';

export type LoadedJob = {
  readonly job: Job;
  /** `jobs/opportunities.yaml`, relative to the project folder. */
  readonly file: string;
  readonly text: string;
  /** `jobs/opportunities.yaml:12:5`: where the value at a path stands, or its nearest parent in the file. */
  locate(path: Path): string;
  /** A mistake at the key of that path, or in a part of its value's text, found after the file was read. */
  mistake(path: Path, message: string, suggestion?: string, part?: Range): Mistake;
};

export type ParsedJob = { readonly job: Job } | { readonly mistakes: readonly Mistake[] };

/** Reads a job file's text: either the job with its defaults, or every mistake in it from top to bottom. */
export function parseJob(text: string, file: string): ParsedJob {
  return parseYamlJob(readYaml({ file, text, shown: withoutSecrets(text) }));
}

/** Reads `jobs/<jobName>.yaml` of a project. Throws E_NOT_FOUND, or E_JOB_INVALID with every mistake. */
export function loadJob(projectDir: string, jobName: string): LoadedJob {
  const [loaded] = loadJobs(projectDir, [jobName]);
  if (!loaded) throw new Error('one name gives one job');
  return loaded;
}

/** Reads the named jobs, or all of a project. Throws one E_JOB_INVALID with every mistake in every file. */
export function loadJobs(projectDir: string, names?: readonly string[]): LoadedJob[] {
  const wanted = names ?? listJobs(projectDir);
  if (wanted.length === 0)
    throw new SegtagError('E_NOT_FOUND', {
      where: 'jobs/',
      what: 'there is no job file in this project',
      remedy: 'Write one, or name the project folder with -C.',
    });
  const mistakes: Mistake[] = [];
  const loaded: LoadedJob[] = [];
  for (const name of wanted) {
    const file = `jobs/${name}.yaml`;
    const text = readJobFile(projectDir, name);
    const yaml = readYaml({ file, text, shown: withoutSecrets(text) });
    const parsed = parseYamlJob(yaml);
    if ('mistakes' in parsed) mistakes.push(...parsed.mistakes);
    else loaded.push({ job: parsed.job, file, text, locate: yaml.locate, mistake: mistakeIn(yaml) });
  }
  if (mistakes.length > 0) throw mistakesError('E_JOB_INVALID', mistakes, 'job file');
  return loaded;
}

/** The names of a project's jobs, sorted. */
export function listJobs(projectDir: string): string[] {
  const folder = join(projectDir, 'jobs');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

function mistakeIn(yaml: YamlText): LoadedJob['mistake'] {
  return (path, message, suggestion, part) => {
    const range = part ? yaml.rangeInside(path, part) : yaml.keyRange(path);
    return mistakeAt(yaml, { range, path: pathText(path), message, suggestion });
  };
}

function readJobFile(projectDir: string, name: string): string {
  const names = listJobs(projectDir);
  if (names.includes(name)) return readFileSync(join(projectDir, 'jobs', `${name}.yaml`), 'utf8');
  const near = didYouMean(name, names);
  const known = names.length === 0 ? 'There is no job file yet.' : `Jobs: ${names.join(', ')}.`;
  const misnamed = /^[\w-]+$/.test(name) && existsSync(join(projectDir, 'jobs', `${name}.yml`));
  const remedy = misnamed ? `Rename jobs/${name}.yml to jobs/${name}.yaml.` : known;
  throw new SegtagError('E_NOT_FOUND', {
    where: 'jobs/',
    what: `there is no job "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    remedy,
  });
}

function parseYamlJob(yaml: YamlText): ParsedJob {
  const checked = checkYaml(yaml, {
    schema: jobSchema,
    words: jobWords,
    rules: (read) => jobRules(read, basename(read.file, '.yaml')),
    whenEmpty: 'start with version: 1, job: and source:',
  });
  return 'value' in checked ? { job: checked.value } : checked;
}
