import { isAbsolute, join } from 'node:path';
import { SegtagError } from '../errors.ts';
import { overrideName } from './load-connections.ts';
import { isRecord } from './plain-value.ts';
import { replaceReferences, type Reference } from './reference.ts';
import type { Path } from './yaml-text.ts';

/** What the settings of a project may draw on outside its files. */
export type Surroundings = {
  readonly projectDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of the file at an absolute path; throws when there is none. */
  readonly readFile: (path: string) => string;
};

/** A secret of the environment that goes before what the file refers to. */
type Override = { readonly origin: string; readonly value: () => string };

/** What `SEGTAG_<TARGET>_<NAME>_PASSWORD`, or the file that its `_FILE` names, says of a password. */
export function overridden(target: string, connection: string, surroundings: Surroundings): Override | undefined {
  const variable = overrideName(target, connection);
  const direct = surroundings.env[variable];
  if (direct !== undefined && direct !== '') return { origin: `env ${variable}`, value: () => direct };
  const path = surroundings.env[`${variable}_FILE`];
  if (path === undefined || path === '') return undefined;
  return {
    origin: `file named by env ${variable}_FILE`,
    value: () => readSecret(path, surroundings, `environment variable ${variable}_FILE`),
  };
}

/** Where a value with references stands, and what they may draw on. */
type Place = {
  readonly path: Path;
  readonly locate: (path: Path) => string;
  readonly surroundings: Surroundings;
};

/** A map with each reference in its texts filled in. Throws E_CONNECTION_CONFIG where one stands for nothing. */
export function fillIn(value: Readonly<Record<string, unknown>>, place: Place): Record<string, unknown> {
  const filled = (each: unknown, path: Path): unknown => {
    if (typeof each === 'string') return fillText(each, { ...place, path });
    if (Array.isArray(each)) return each.map((item, i) => filled(item, [...path, i]));
    return isRecord(each) ? fillIn(each, { ...place, path }) : each;
  };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, [...place.path, key])]));
}

/** A text with each reference filled in. Throws E_CONNECTION_CONFIG where one stands for nothing. */
export function fillText(text: string, { path, locate, surroundings }: Place): string {
  return replaceReferences(text, (reference) => {
    const value = lookUp(reference, surroundings, locate(path));
    if (value !== undefined && value !== '') return value;
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where: locate(path),
      what: `environment variable ${reference.name} is not set`,
      remedy: `Set ${reference.name}, or choose another target with --target.`,
    });
  });
}

function lookUp(reference: Reference, surroundings: Surroundings, where: string): string | undefined {
  return reference.kind === 'env' ? surroundings.env[reference.name] : readSecret(reference.name, surroundings, where);
}

function readSecret(path: string, surroundings: Surroundings, where: string): string {
  try {
    return surroundings.readFile(absolute(path, surroundings.projectDir)).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where,
      what: `the file ${path} cannot be read`,
      remedy: 'Create it, or give this user the right to read it.',
      cause,
    });
  }
}

/** A path of a project made absolute; `:memory:` and URLs such as `s3://…` stay as they are. */
export function absolute(path: string, projectDir: string): string {
  return path === ':memory:' || /^[a-z][a-z0-9+]+:\/\//i.test(path) || isAbsolute(path) ? path : join(projectDir, path);
}
