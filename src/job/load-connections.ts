import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SegtagError } from '../errors.ts';
import { checkYaml } from './check-yaml.ts';
import { connectionWords } from './connection-words.ts';
import { connectionsSchema, secretKeys } from './connections-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import { mistakeAt, mistakesError, type Mistake } from './mistake.ts';
import { eachText, isRecord, valueAt } from './plain-value.ts';
import { withoutSecrets } from './masked.ts';
import { isOneReference, referencesIn } from './reference.ts';
import { pathText, readYaml, type Path, type YamlText } from './yaml-text.ts';

/** A target's connections as the file has them: references unresolved, defaults not filled in. */
export type Target = {
  readonly name: string;
  readonly asOf: string | undefined;
  readonly connections: ReadonlyMap<string, unknown>;
  readonly smtp: unknown;
  readonly metrics: unknown;
};

export type LoadedConnections = {
  readonly file: string;
  readonly defaultTarget: string;
  readonly targets: ReadonlyMap<string, Target>;
  /** `config/connections.yaml:12:5`: where the value at a path stands, or its nearest parent in the file. */
  locate(path: Path): string;
};

const connectionsFile = 'config/connections.yaml';

/** Reads a project's connections. Throws E_NOT_FOUND, or E_CONNECTION_CONFIG with every mistake. Resolves nothing. */
export function loadConnections(projectDir: string): LoadedConnections {
  const path = join(projectDir, connectionsFile);
  if (!existsSync(path))
    throw new SegtagError('E_NOT_FOUND', {
      where: connectionsFile,
      what: `this project has no connections file (looked in ${projectDir})`,
      remedy: 'Name the project folder with -C, or make one: segtag init FOLDER.',
    });
  const parsed = parseConnections(readFileSync(path, 'utf8'), connectionsFile);
  if ('mistakes' in parsed) throw mistakesError('E_CONNECTION_CONFIG', parsed.mistakes, 'connections file');
  return parsed;
}

/** Reads the text of a connections file: its targets, or every mistake in it. */
export function parseConnections(
  text: string,
  file: string,
): LoadedConnections | { readonly mistakes: readonly Mistake[] } {
  const yaml = readYaml({ file, text, shown: withoutSecrets(text) });
  const checked = checkYaml(yaml, {
    schema: connectionsSchema,
    words: connectionWords,
    rules: connectionRules,
    whenEmpty: 'start with default: and targets:',
    tolerates: (path) => path.length > 3 && isReferencing(valueAt(yaml.value, path)),
  });
  if ('mistakes' in checked && checked.mistakes.length > 0) return checked;
  return loaded(yaml);
}

/** The target of that name, or the default one. Throws E_NOT_FOUND. */
export function chooseTarget(connections: LoadedConnections, name: string | undefined): Target {
  const wanted = name ?? connections.defaultTarget;
  const target = connections.targets.get(wanted);
  if (target) return target;
  const names = [...connections.targets.keys()];
  const near = didYouMean(wanted, names);
  throw new SegtagError('E_NOT_FOUND', {
    where: connections.file,
    what: `there is no target "${wanted}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    remedy: `Targets: ${names.join(', ')}.`,
  });
}

function loaded(yaml: YamlText): LoadedConnections {
  const targets = entries(valueAt(yaml.value, ['targets'])).map(([name, target]): [string, Target] => {
    const asOf = valueAt(target, ['as_of']);
    const connections = new Map(entries(valueAt(target, ['connections'])));
    const [smtp, metrics] = [valueAt(target, ['smtp']), valueAt(target, ['metrics'])];
    return [name, { name, asOf: typeof asOf === 'string' ? asOf : undefined, connections, smtp, metrics }];
  });
  return {
    file: yaml.file,
    defaultTarget: String(valueAt(yaml.value, ['default'])),
    targets: new Map(targets),
    locate: yaml.locate,
  };
}

function connectionRules(yaml: YamlText): Mistake[] {
  const mistakes: Mistake[] = [];
  const report = (path: Path, message: string, suggestion: string): void => {
    mistakes.push(mistakeAt(yaml, { range: yaml.valueRange(path), path: pathText(path), message, suggestion }));
  };
  const targets = valueAt(yaml.value, ['targets']);
  const chosen = valueAt(yaml.value, ['default']);
  if (typeof chosen === 'string' && isRecord(targets) && !Object.hasOwn(targets, chosen)) {
    const near = didYouMean(chosen, Object.keys(targets));
    const suggestion = near === undefined ? `one of ${Object.keys(targets).join(', ')}` : `did you mean "${near}"?`;
    report(['default'], `there is no target "${chosen}"`, suggestion);
  }
  for (const [target, { connections, smtp, metrics }] of loaded(yaml).targets) {
    const settings: readonly (readonly [Path, string, unknown])[] = [
      ...[...connections].map(([name, each]) => [['targets', target, 'connections', name], name, each] as const),
      [['targets', target, 'smtp'], 'smtp', smtp],
      [['targets', target, 'metrics'], 'metrics', metrics],
    ];
    for (const [path, name, each] of settings) {
      literalSecrets(each, { path, target, name }, report);
      malformedReferences(each, path, report);
    }
    const push = valueAt(metrics, ['push']);
    if (typeof push === 'string' && push.includes('@') && !isOneReference(push))
      report(
        ['targets', target, 'metrics', 'push'],
        'a password must not stand in this file',
        'write "${env:PUSHGATEWAY}"',
      );
  }
  return mistakes;
}

type ReportAt = (path: Path, message: string, suggestion: string) => void;

type Settings = { readonly path: Path; readonly target: string; readonly name: string };

function literalSecrets(connection: unknown, { path, target, name }: Settings, report: ReportAt): void {
  const variables = {
    password: overrideName(target, name),
    oauth_access_token: overrideName(target, name).replace(/PASSWORD$/, 'TOKEN'),
  };
  for (const key of secretKeys) {
    const value = valueAt(connection, [key]);
    const isLiteral = typeof value === 'number' || (typeof value === 'string' && !isOneReference(value));
    if (isLiteral)
      report([...path, key], `a ${nouns[key]} must not stand in this file`, `write "\${env:${variables[key]}}"`);
  }
}

const nouns = { password: 'password', oauth_access_token: 'token' } as const;

/** The environment variable that overrides a connection's password. */
export function overrideName(target: string, connection: string): string {
  const words = `SEGTAG_${target}_${connection}_PASSWORD`;
  return words.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
}

function malformedReferences(connection: unknown, path: Path, report: ReportAt): void {
  eachText(
    connection,
    (text, deeper) => {
      if (secretKeys.some((key) => key === deeper.at(-1))) return;
      for (const wrong of referencesIn(text).wrong)
        report(deeper, `${wrong} is not a reference`, 'write ${env:NAME} or ${file:/run/secrets/name}');
    },
    path,
  );
}

function isReferencing(value: unknown): boolean {
  return typeof value === 'string' && referencesIn(value).references.length > 0;
}

function entries(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}
