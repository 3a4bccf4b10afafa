import { InvalidArgumentError, Option } from 'commander';

/** `--connection`, of commands that need no job. */
export function crmConnection(): Option {
  return new Option('--connection <name>', 'the CRM connection of the target').default('crm');
}

/** `--set`, of commands that read the parameters of a job. */
export function setParameter(description = 'set a parameter of the job, repeatable'): Option {
  return new Option('--set <name=value>', description).argParser(collect).default([], 'none');
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** Reads a whole number from 0 on. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Reads a whole number from 1 on. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}
