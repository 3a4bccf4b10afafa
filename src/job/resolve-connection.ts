import { SegtagError } from '../errors.ts';
import { connectionSchema, secretKeys, type Connection, type ResolvedConnection } from './connections-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import { absolute, fillIn, overridden, type Surroundings } from './fill-references.ts';
import { chooseTarget, type LoadedConnections } from './load-connections.ts';
import { isRecord } from './plain-value.ts';
import { referencesIn, replaceReferences, type Reference } from './reference.ts';
import type { Path } from './yaml-text.ts';

/** One setting of a connection as `connections list` shows it. */
export type ConnectionRow = { readonly key: string; readonly value: string; readonly origin: string };

/**
 * A connection with references and environment overrides filled in and paths made absolute. Only this
 * connection's references are looked up. Throws E_NOT_FOUND or E_CONNECTION_CONFIG.
 */
export function resolveConnection(
  connections: LoadedConnections,
  targetName: string | undefined,
  connectionName: string,
  surroundings: Surroundings,
): ResolvedConnection {
  const found = findConnection(connections, targetName, connectionName);
  const { raw, path, target } = found;
  const password = takesPassword(raw) ? overridden(target, connectionName, surroundings) : undefined;
  const unresolved = password === undefined ? raw : omitPassword(raw);
  const filled = fillIn(unresolved, { path, locate: connections.locate, surroundings });
  if (password !== undefined) filled['password'] = password.value();
  const result = parseFilled(filled);
  if (!result.success) throw unfit(connections, path, result.error.issues[0]?.path as Path | undefined);
  return { name: connectionName, target, config: absolutePaths(result.data, surroundings.projectDir) };
}

/** Every setting of a connection with its origin; passwords are `***`, and nothing that is missing throws. */
export function describeConnection(
  connections: LoadedConnections,
  targetName: string | undefined,
  connectionName: string,
  surroundings: Surroundings,
): ConnectionRow[] {
  const { raw, target } = findConnection(connections, targetName, connectionName);
  const rows = flatten(raw).map(([key, value]) => describe(key, value, connections.file, surroundings));
  const password = overridden(target, connectionName, surroundings);
  if (password === undefined || !takesPassword(raw)) return rows;
  return [...rows.filter(({ key }) => key !== 'password'), { key: 'password', value: '***', origin: password.origin }];
}

type Found = { readonly target: string; readonly path: Path; readonly raw: Readonly<Record<string, unknown>> };

function findConnection(connections: LoadedConnections, targetName: string | undefined, name: string): Found {
  const target = chooseTarget(connections, targetName);
  const raw = target.connections.get(name);
  if (isRecord(raw)) return { target: target.name, path: ['targets', target.name, 'connections', name], raw };
  const names = [...target.connections.keys()];
  const near = didYouMean(name, names);
  throw new SegtagError('E_NOT_FOUND', {
    where: connections.file,
    what: `target "${target.name}" has no connection "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    remedy: `Connections of ${target.name}: ${names.join(', ')}.`,
  });
}

function takesPassword(connection: Readonly<Record<string, unknown>>): boolean {
  return connection['client'] !== 'sqlite' && connection['client'] !== 'duckdb';
}

function omitPassword(connection: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(connection).filter(([key]) => key !== 'password'));
}

/** What came from the environment is text; where the schema wants a number, its number is taken. */
function parseFilled(filled: Readonly<Record<string, unknown>>): ReturnType<typeof connectionSchema.safeParse> {
  const result = connectionSchema.safeParse(filled);
  const numbers: Record<string, number> = {};
  for (const issue of result.error?.issues ?? []) {
    const key = String(issue.path[0]);
    const value = filled[key];
    const isNumber = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
    if (isNumber && issue.code === 'invalid_type') numbers[key] = Number(value);
  }
  return Object.keys(numbers).length === 0 ? result : connectionSchema.safeParse({ ...filled, ...numbers });
}

function unfit(connections: LoadedConnections, path: Path, deeper: Path | undefined): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    where: connections.locate([...path, ...(deeper ?? [])]),
    what: `what the reference in ${String(deeper?.at(-1) ?? 'this connection')} stands for does not fit there`,
    remedy: 'Correct the environment variable or the file that it names.',
  });
}

function absolutePaths(config: Connection, projectDir: string): Connection {
  switch (config.client) {
    case 'sqlite':
      return { ...config, file: absolute(config.file, projectDir) };
    case 'duckdb': {
      const views = absoluteEach(config.views, projectDir);
      const attach = config.attach === undefined ? {} : { attach: absoluteEach(config.attach, projectDir) };
      const build = config.build === undefined ? {} : { build: absolute(config.build, projectDir) };
      return { ...config, ...attach, ...build, file: absolute(config.file, projectDir), views };
    }
    default: {
      const paths = (['ca', 'cert', 'key'] as const).flatMap((name) => {
        const path = config[name];
        return path === undefined ? [] : [[name, absolute(path, projectDir)]];
      });
      return { ...config, ...Object.fromEntries(paths) };
    }
  }
}

function absoluteEach(paths: Readonly<Record<string, string>>, projectDir: string): Record<string, string> {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, absolute(path, projectDir)]));
}

function flatten(value: Readonly<Record<string, unknown>>, prefix = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, each]) =>
    isRecord(each) ? flatten(each, `${prefix}${key}.`) : [[`${prefix}${key}`, each] as [string, unknown]],
  );
}

function describe(key: string, value: unknown, file: string, surroundings: Surroundings): ConnectionRow {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  const { references } = referencesIn(text);
  const isHidden = secretKeys.some((secret) => secret === key) || references.some(({ kind }) => kind === 'file');
  if (references.length === 0) return { key, value: isHidden ? '***' : text, origin: file };
  const isUnset = ({ kind, name }: Reference): boolean => kind === 'env' && (surroundings.env[name] ?? '') === '';
  const origins = references.map((each) => `${each.kind} ${each.name}${isUnset(each) ? ' (not set)' : ''}`);
  const origin = origins.join(', ');
  if (references.some(isUnset)) return { key, value: '', origin };
  return { key, value: isHidden ? '***' : replaceReferences(text, ({ name }) => surroundings.env[name] ?? ''), origin };
}
