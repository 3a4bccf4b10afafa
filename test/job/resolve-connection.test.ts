import { describe, expect, it } from 'vitest';
import { SegtagError } from '../../src/errors.ts';
import { loadConnections, parseConnections, type LoadedConnections } from '../../src/job/load-connections.ts';
import type { Surroundings } from '../../src/job/fill-references.ts';
import { describeConnection, resolveConnection } from '../../src/job/resolve-connection.ts';

const text = `default: prod
targets:
  prod:
    connections:
      warehouse:
        client: vertica
        host: "db.\${env:REGION}.example.com"
        port: "\${env:PORT}"
        database: warehouse
        user: reader
        password: "\${file:secrets/warehouse}"
        tls: verify-full
        ca: certificates/ca.pem
      files:
        client: duckdb
        views: { deals: "data/*.csv", remote: "s3://bucket/deals.parquet" }
        build: sql/sample
      crm: { client: mysql, host: crm, database: crm, user: segtag, password: "\${env:CRM_PASSWORD}" }
  other:
    connections:
      crm-eu: { client: postgres, host: "\${env:NOWHERE}", database: crm, user: segtag }
`;

function connections(): LoadedConnections {
  return parsed(text);
}

function parsed(yaml: string): LoadedConnections {
  const found = parseConnections(yaml, 'config/connections.yaml');
  if ('mistakes' in found) throw new Error(found.mistakes.map(({ message }) => message).join());
  return found;
}

function withNodes(nodes: string): string {
  return text.replace('tls: verify-full', `tls: verify-full\n        ${nodes}`);
}

function surroundings(env: Record<string, string>, files: Record<string, string> = {}): Surroundings {
  return {
    projectDir: '/project',
    env: { REGION: 'eu', PORT: '5444', ...env },
    readFile(path) {
      const content = files[path];
      if (content === undefined) throw new Error(`no ${path}`);
      return content;
    },
  };
}

function failureOf(action: () => unknown): SegtagError {
  try {
    action();
  } catch (error) {
    if (error instanceof SegtagError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const secrets = { '/project/secrets/warehouse': 'from file\n' };

function passwordWith(env: Record<string, string>): unknown {
  const files = { ...secrets, '/run/password': 'from named file' };
  const { config } = resolveConnection(connections(), 'prod', 'warehouse', surroundings(env, files));
  return 'password' in config ? config.password : undefined;
}

describe('resolveConnection', () => {
  it('fills in references, defaults and absolute paths', () => {
    const resolved = resolveConnection(connections(), undefined, 'warehouse', surroundings({}, secrets));
    expect(resolved).toEqual({
      name: 'warehouse',
      target: 'prod',
      config: {
        client: 'vertica',
        host: 'db.eu.example.com',
        port: 5444,
        database: 'warehouse',
        user: 'reader',
        password: 'from file',
        tls: 'verify-full',
        ca: '/project/certificates/ca.pem',
        connect_timeout_seconds: 10,
      },
    });
  });

  it('takes a password from the environment first, then from the file that the environment names, then from the reference', () => {
    const named = { SEGTAG_PROD_WAREHOUSE_PASSWORD_FILE: '/run/password' };
    expect(passwordWith({ ...named, SEGTAG_PROD_WAREHOUSE_PASSWORD: 'from env' })).toBe('from env');
    expect(passwordWith(named)).toBe('from named file');
    expect(passwordWith({})).toBe('from file');
  });

  it('does not ask for a reference that an override replaces', () => {
    const env = { SEGTAG_PROD_CRM_PASSWORD: 'from env' };
    const { config } = resolveConnection(connections(), 'prod', 'crm', surroundings(env));
    expect(config).toMatchObject({ password: 'from env' });
  });

  it('spells the name of a connection in the way of environment variables', () => {
    const env = { NOWHERE: 'host', SEGTAG_OTHER_CRM_EU_PASSWORD: 'from env' };
    const { config } = resolveConnection(connections(), 'other', 'crm-eu', surroundings(env));
    expect(config).toMatchObject({ password: 'from env' });
  });

  it('never lets the text of a secret change the shape of the connection', () => {
    const hostile = '"}\nhost: elsewhere # ${env:PORT}';
    const { config } = resolveConnection(connections(), 'prod', 'crm', surroundings({ CRM_PASSWORD: hostile }));
    expect(config).toMatchObject({ host: 'crm', password: hostile });
  });

  it('makes paths of views absolute and leaves URLs and in-memory databases as they are', () => {
    const { config } = resolveConnection(connections(), 'prod', 'files', surroundings({}));
    expect(config).toEqual({
      client: 'duckdb',
      file: ':memory:',
      views: { deals: '/project/data/*.csv', remote: 's3://bucket/deals.parquet' },
      build: '/project/sql/sample',
    });
  });

  it('looks up nothing of other targets', () => {
    expect(resolveConnection(connections(), 'prod', 'files', surroundings({})).target).toBe('prod');
    const failure = failureOf(() => resolveConnection(connections(), 'other', 'crm-eu', surroundings({})));
    expect(failure.code).toBe('E_CONNECTION_CONFIG');
  });

  it.each([
    ['crm', {}, 'config/connections.yaml:18:79  environment variable CRM_PASSWORD is not set'],
    ['warehouse', {}, 'config/connections.yaml:11:19  the file secrets/warehouse cannot be read'],
    ['warehouse', { PORT: 'x' }, 'config/connections.yaml:11:19  the file secrets/warehouse cannot be read'],
    [
      'crm',
      { SEGTAG_PROD_CRM_PASSWORD_FILE: '/no' },
      'environment variable SEGTAG_PROD_CRM_PASSWORD_FILE  the file /no cannot be read',
    ],
  ])('names file, line and variable of what is missing for %s', (name, env, message) => {
    const failure = failureOf(() => resolveConnection(connections(), 'prod', name, surroundings(env)));
    expect(failure.code).toBe('E_CONNECTION_CONFIG');
    expect(failure.message).toBe(message);
  });

  it('refuses a reference whose value does not fit, without repeating the value', () => {
    const bad = surroundings({ PORT: 'secret-port' }, secrets);
    const failure = failureOf(() => resolveConnection(connections(), 'prod', 'warehouse', bad));
    expect(failure.message).toBe(
      'config/connections.yaml:8:15  what the reference in port stands for does not fit there',
    );
  });

  it('suggests a near name for an unknown connection', () => {
    const failure = failureOf(() => resolveConnection(connections(), undefined, 'warehose', surroundings({})));
    expect(failure.code).toBe('E_NOT_FOUND');
    expect(failure.what).toBe('target "prod" has no connection "warehose"; did you mean "warehouse"?');
  });

  it('resolves the sample target of the product without any environment', () => {
    const bare = { projectDir: '/project', env: {}, readFile: () => '' };
    const loaded = loadConnections('.');
    expect(resolveConnection(loaded, undefined, 'crm', bare).config).toEqual({
      client: 'sqlite',
      file: '/project/var/crm.sqlite',
    });
    expect(resolveConnection(loaded, undefined, 'warehouse', bare).config).toMatchObject({
      build: '/project/sql/sample',
    });
  });
});

describe('describeConnection', () => {
  it('gives each value with its origin and never a secret', () => {
    const rows = describeConnection(connections(), 'prod', 'warehouse', surroundings({}, secrets));
    expect(rows).toContainEqual({ key: 'host', value: 'db.eu.example.com', origin: 'env REGION' });
    expect(rows).toContainEqual({ key: 'user', value: 'reader', origin: 'config/connections.yaml' });
    expect(rows).toContainEqual({ key: 'password', value: '***', origin: 'file secrets/warehouse' });
    const overridden = describeConnection(
      connections(),
      'prod',
      'warehouse',
      surroundings({ SEGTAG_PROD_WAREHOUSE_PASSWORD: 'hidden' }),
    );
    expect(overridden).toContainEqual({ key: 'password', value: '***', origin: 'env SEGTAG_PROD_WAREHOUSE_PASSWORD' });
    expect(JSON.stringify([rows, overridden])).not.toMatch(/from file|hidden/);
  });

  it('hides a token, wherever it comes from', () => {
    const byToken = parsed(text.replace('password: "${file:secrets/warehouse}"', 'oauth_access_token: "${env:TOKEN}"'));
    const given = surroundings({ TOKEN: 'hidden' });
    const rows = describeConnection(byToken, 'prod', 'warehouse', given);
    expect(rows).toContainEqual({ key: 'oauth_access_token', value: '***', origin: 'env TOKEN' });
    expect(resolveConnection(byToken, 'prod', 'warehouse', given).config).toMatchObject({
      oauth_access_token: 'hidden',
    });
  });

  it('makes the paths of attached databases absolute', () => {
    const attaching = parsed(text.replace('client: duckdb', 'client: duckdb\n        attach: { crm: var/crm.duckdb }'));
    expect(resolveConnection(attaching, 'prod', 'files', surroundings({})).config).toMatchObject({
      attach: { crm: '/project/var/crm.duckdb' },
    });
  });

  it('takes other nodes of a database as host and port', () => {
    const good = parsed(withNodes('backup_hosts: [node2, "node3:5434", "[fe80::1]:5433"]'));
    expect(resolveConnection(good, 'prod', 'warehouse', surroundings({}, secrets)).config).toMatchObject({
      backup_hosts: ['node2', 'node3:5434', '[fe80::1]:5433'],
    });
    expect(() => parsed(withNodes('backup_hosts: ["vertica://node2/db"]'))).toThrow();
  });

  it('shows what is not set instead of failing', () => {
    const rows = describeConnection(connections(), 'prod', 'crm', surroundings({}));
    expect(rows).toContainEqual({ key: 'password', value: '', origin: 'env CRM_PASSWORD (not set)' });
  });
});
