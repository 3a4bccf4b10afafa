import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chooseTarget,
  loadConnections,
  parseConnections,
  type LoadedConnections,
} from '../../src/job/load-connections.ts';
import { formatMistake, type Mistake } from '../../src/job/mistake.ts';

const file = 'config/connections.yaml';
const sample = `default: dev
targets:
  dev:
    as_of: 2026-06-30
    connections:
      warehouse:
        client: postgres
        host: localhost
        port: "\${env:PGPORT}"
        database: warehouse
        user: reader
        password: "\${env:WAREHOUSE_PASSWORD}"
      crm: { client: sqlite, file: var/crm.sqlite }
`;

function parsed(text: string): LoadedConnections {
  const result = parseConnections(text, file);
  if ('mistakes' in result) throw new Error(result.mistakes.map(formatMistake).join('\n'));
  return result;
}

function mistakesAfter(piece: string, replacement: string): readonly Mistake[] {
  expect(sample).toContain(piece);
  const result = parseConnections(sample.replace(piece, replacement), file);
  return 'mistakes' in result ? result.mistakes : [];
}

describe('parseConnections', () => {
  it('reads targets and their connections, and resolves nothing', () => {
    const connections = parsed(sample);
    expect(connections.defaultTarget).toBe('dev');
    expect(connections.targets.get('dev')?.asOf).toBe('2026-06-30');
    expect([...(connections.targets.get('dev')?.connections.keys() ?? [])]).toEqual(['warehouse', 'crm']);
    expect(connections.locate(['targets', 'dev', 'connections', 'warehouse', 'port'])).toBe(`${file}:9:15`);
  });

  it.each([
    ['default: dev', 'default: dve', 'default: there is no target "dve"', 'did you mean "dev"?'],
    [
      'client: postgres',
      'client: postgresql',
      'targets.dev.connections.warehouse.client: "postgresql" is not allowed',
      'did you mean "postgres"? one of vertica, postgres, mysql, duckdb, sqlite',
    ],
    [
      '        user:',
      '        username:',
      'targets.dev.connections.warehouse.username: "username" is not a known key',
      'did you mean "user"?',
    ],
    [
      '        host:',
      '        hosst:',
      'targets.dev.connections.warehouse.hosst: "hosst" is not a known key',
      'did you mean "host"?',
    ],
    [
      '        host: localhost\n',
      '',
      'targets.dev.connections.warehouse.host: is missing',
      'name or address of the server',
    ],
    [
      'client: sqlite, ',
      '',
      'targets.dev.connections.crm.client: is missing',
      'one of vertica, postgres, mysql, duckdb, sqlite',
    ],
    [
      '"${env:PGPORT}"',
      'abc',
      'targets.dev.connections.warehouse.port: must be a number, not text',
      'write digits alone, such as 4',
    ],
    ['"${env:PGPORT}"', '99999', 'targets.dev.connections.warehouse.port: must be at most 65535', undefined],
    [
      '"${env:PGPORT}"',
      '"${PGPORT}"',
      'targets.dev.connections.warehouse.port: ${PGPORT} is not a reference',
      'write ${env:NAME} or ${file:/run/secrets/name}',
    ],
    ['2026-06-30', '2026-02-30', 'targets.dev.as_of: must be a date written YYYY-MM-DD', undefined],
  ])('answers %j written as %j', (piece, replacement, sentence, suggestion) => {
    const told = mistakesAfter(piece, replacement);
    expect(told.map(({ path, message }) => `${path}: ${message}`)).toContain(sentence);
    expect(told.find(({ path, message }) => `${path}: ${message}` === sentence)?.suggestion).toBe(suggestion);
  });

  it.each([
    'password: hunter2',
    'password: "hunter2"',
    'password: 31337',
    'password: prefix-${env:X}-hunter2',
    'password:\n          hunter2',
    'password: |\n          hunter2',
    'passwd: hunter2',
    'url: postgres://reader:hunter2@db/warehouse',
    'password: hunter2 # and tls\n        tls: tsl',
    'password: "hunter2" hunter2',
    'password: {a: hunter2}',
    'password: |- hunter2',
    'password: !hunter2',
    'password: *hunter2',
    'password: >hunter2',
    'oauth_access_token: hunter2',
  ])('refuses a secret in the file without repeating it: %j', (written) => {
    const told = mistakesAfter('password: "${env:WAREHOUSE_PASSWORD}"', written);
    const text = told.map(formatMistake).join('\n');
    expect(text).toContain('config/connections.yaml:1');
    expect(text).not.toMatch(/hunter2|31337/);
  });

  it('names the line of a literal password and how to write it', () => {
    const [mistake] = mistakesAfter('password: "${env:WAREHOUSE_PASSWORD}"', 'password: hunter2');
    expect(mistake && formatMistake(mistake)).toBe(
      [
        'config/connections.yaml:12:19  targets.dev.connections.warehouse.password: a password must not stand in this file',
        '   12 |         password: ***',
        '      |                   ^^^ write "${env:SEGTAG_DEV_WAREHOUSE_PASSWORD}"',
      ].join('\n'),
    );
  });
});

describe('chooseTarget', () => {
  it('takes the default target when none is named, and suggests a near name', () => {
    expect(chooseTarget(parsed(sample), undefined).name).toBe('dev');
    expect(() => chooseTarget(parsed(sample), 'devv')).toThrow('there is no target "devv"; did you mean "dev"?');
  });
});

describe('loadConnections', () => {
  it('reads the connections file of the product', () => {
    const connections = loadConnections('.');
    expect([...connections.targets.keys()]).toEqual(['sample', 'dev', 'compose', 'prod']);
    expect(chooseTarget(connections, undefined).asOf).toBe('2026-06-30');
  });

  it('says which file is missing', () => {
    const empty = mkdtempSync(join(tmpdir(), 'segtag-connections-'));
    expect(() => loadConnections(empty)).toThrow('config/connections.yaml  this project has no connections file');
  });
});

describe('where alerts and metrics go', () => {
  const withTarget = (more: string) => mistakesAfter('    as_of: 2026-06-30\n', `    as_of: 2026-06-30\n    ${more}\n`);

  it.each([
    ['smtp: { host: h, from: f, password: canary }', 'targets.dev.smtp.password'],
    ['metrics: { push: "http://u:canary@gateway:9091" }', 'targets.dev.metrics.push'],
  ])('refuses a literal password in %s without showing it', (settings, path) => {
    const [mistake, ...others] = withTarget(settings);
    expect(others).toEqual([]);
    expect(mistake).toMatchObject({ path, message: 'a password must not stand in this file' });
    expect(formatMistake(mistake!)).not.toContain('canary');
  });

  it('may refer to the environment', () => {
    expect(withTarget('smtp: { host: "${env:H}", port: "${env:P}", from: f, password: "${env:S}" }')).toEqual([]);
    expect(withTarget('metrics: { file: a.prom, push: "${env:PUSH}" }')).toEqual([]);
  });
});
