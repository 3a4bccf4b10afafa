import { SegtagError } from '../errors.ts';
import { didYouMean } from '../job/did-you-mean.ts';
import type { LoadedJob } from '../job/load-job.ts';
import type { ParameterValue } from '../job/schema.ts';

/** The job with `--set name=value` applied to its params. A value keeps the type that the job file gives it; lists split at commas. */
export function withParams(loaded: LoadedJob, settings: readonly string[]): LoadedJob {
  const params = { ...loaded.job.source.params };
  for (const setting of settings) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || value === undefined)
      refuse(`--set ${setting} is not of the form name=value.`, 'Write --set name=value.');
    const known = params[name];
    if (known === undefined) {
      const near = didYouMean(name, Object.keys(params));
      const names = Object.keys(params).join(', ') || 'none';
      refuse(
        `${loaded.file} has no parameter "${name}".`,
        near ? `Did you mean ${near}?` : `Its parameters: ${names}.`,
      );
    }
    params[name] = parseLike(known, value, name);
  }
  return { ...loaded, job: { ...loaded.job, source: { ...loaded.job.source, params } } };
}

function parseLike(known: ParameterValue, text: string, name: string): ParameterValue {
  if (Array.isArray(known)) {
    const items = text.split(',').filter((item) => item !== '');
    if (items.length === 0)
      refuse(`--set ${name}= gives an empty list, which matches nothing.`, 'Give at least one value.');
    return typeof known[0] === 'number' ? items.map((item) => parseNumber(item, name)) : items;
  }
  if (typeof known === 'number') return parseNumber(text, name);
  if (typeof known === 'string') return text;
  if (text !== 'true' && text !== 'false') refuse(`${name} is true or false, not "${text}".`, 'Write true or false.');
  return text === 'true';
}

function parseNumber(text: string, name: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) refuse(`${name} is a number, not "${text}".`, 'Give a number.');
  return value;
}

function refuse(what: string, remedy: string): never {
  throw new SegtagError('E_USAGE', { where: '--set', what, remedy });
}
