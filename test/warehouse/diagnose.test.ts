import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Step } from '../../src/diagnosis/steps.ts';
import type { DuckdbConnection, MysqlConnection, ResolvedConnection } from '../../src/job/connections-schema.ts';
import { diagnoseWarehouse } from '../../src/warehouse/diagnose.ts';
import { hasOpenssl, makeAuthority, makeCertificate } from '../support/certificates.ts';
import { itWithMysql, itWithPostgres } from '../support/engines.ts';
import { blackHole, type FaultyProxy } from '../support/faulty-proxy.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import type { TestServer } from '../support/servers/postgres.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';
import { mysqlConnection, postgresConnection } from './engines.ts';
import { connectionTo } from './vertica-client.ts';

const now = (): number => Date.now();
const one = { file: 'sql/small/customers.sql', sql: 'SELECT 1 AS id', bindings: [] };

const look = (connection: ResolvedConnection, clock = now): Promise<readonly Step[]> =>
  diagnoseWarehouse(connection, { statements: [one], now: clock });

const outline = (steps: readonly Step[]): string[] => steps.map(({ step, state }) => `${step} ${state}`);

function named(steps: readonly Step[], name: Step['step']): Step | undefined {
  return steps.find(({ step }) => step === name);
}

const wellServed = ['dns', 'tcp', 'tls', 'login', 'clock', 'version', 'grants'].map((step) => `${step} passed`);

const servers = [
  { name: 'PostgreSQL', itRuns: itWithPostgres, connection: postgresConnection },
  { name: 'MariaDB', itRuns: itWithMysql, connection: mysqlConnection },
] as const;

describe.each(servers)('the diagnosis of $name', ({ itRuns, connection }) => {
  itRuns('passes each step from the name to the tables', async () => {
    const steps = await look(connection({ host: 'localhost' }));
    expect(outline(steps)).toEqual(wellServed);
    expect(named(steps, 'dns')?.detail).toContain('localhost → ');
    expect(named(steps, 'version')?.detail).toMatch(/\d+\.\d+/);
    expect(named(steps, 'grants')?.detail).toBe('sql/small/customers.sql may be read');
  });

  itRuns('warns of clocks that are more than a second apart, and says which is ahead', async () => {
    const steps = await look(connection(), () => Date.now() - 90_000);
    expect(named(steps, 'clock')).toMatchObject({
      state: 'warned',
      detail: expect.stringMatching(/(89\.9|90\.\d) s ahead of ours/),
      next: expect.stringContaining('NTP'),
    });
  });

  itRuns('ends at a port that nobody listens on', async () => {
    const steps = await look(connection({ port: 1 }));
    expect(outline(steps)).toEqual(['dns passed', 'tcp failed']);
    expect(steps[1]).toMatchObject({ code: 'E_WAREHOUSE_UNREACHABLE', next: expect.stringContaining('Start') });
  });

  itRuns('ends at a name that nobody knows', async () => {
    const steps = await look(connection({ host: 'no-such-host.invalid' }));
    expect(outline(steps)).toEqual(['dns failed']);
    expect(steps[0]).toMatchObject({ code: 'E_WAREHOUSE_UNREACHABLE', next: expect.stringContaining('`host`') });
  });

  itRuns('gives up on a server that takes the connection and says nothing', async () => {
    const hole = await closing(blackHole());
    const settings = { host: '127.0.0.1', port: hole.port, connect_timeout_seconds: 0.4 };
    expect(outline(await look(connection(settings)))).toEqual([
      'dns passed',
      'tcp passed',
      'tls passed',
      'login failed',
    ]);
    const steps = await look(connection({ ...settings, tls: 'require' }));
    expect(named(steps, 'tls')).toMatchObject({
      code: 'E_WAREHOUSE_UNREACHABLE',
      detail: expect.stringContaining('says nothing'),
    });
  });

  itRuns('tells a wrong login, and keeps the password to itself', async () => {
    const steps = await look(connection({ user: 'nobody_knows', password: 'hunter2' }));
    expect(named(steps, 'login')).toMatchObject({ state: 'failed', code: 'E_LOGIN_REFUSED' });
    expect(JSON.stringify(steps)).not.toContain('hunter2');
  });

  itRuns('says that a server has no TLS where the connection asks for it', async () => {
    const steps = await look(connection({ tls: 'verify-full', host: 'localhost' }));
    expect(named(steps, 'tls')).toMatchObject({
      code: 'E_CONNECTION_CONFIG',
      detail: expect.stringContaining('no TLS'),
    });
  });

  itRuns('places what a job may not read in the file of the job', async () => {
    const statement = { ...one, sql: 'SELECT id\nFROM (SELECT 1 AS id) AS t\nJOIN no_such_table AS u USING (id)' };
    const steps = await diagnoseWarehouse(connection(), { statements: [statement], now });
    const grants = named(steps, 'grants');
    expect([grants?.state, grants?.code]).toEqual(['failed', 'E_SQL_REJECTED']);
    expect(grants?.detail).toContain('sql/small/customers.sql:3:6: ');
  });
});

describe('the diagnosis of Vertica', () => {
  it('passes each step from the name to the tables', async () => {
    const wire = await startVerticaWire();
    onTestFinished(() => wire.stop());
    expect(outline(await look(connectionTo(wire)))).toEqual(wellServed);
  });
});

function duckdb(settings: Partial<DuckdbConnection>): ResolvedConnection {
  const config: DuckdbConnection = { client: 'duckdb', file: ':memory:', views: {}, ...settings };
  return { name: 'warehouse', target: 'test', config };
}

describe('the diagnosis of DuckDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-diagnose-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  it('passes a database in memory over files', async () => {
    writeFileSync(join(folder, 'a.csv'), 'id\n1\n');
    const steps = await look(duckdb({ views: { customer: join(folder, 'a.csv') } }));
    expect(outline(steps)).toEqual(['file passed', 'login passed', 'version passed', 'grants passed']);
  });

  it.each([{ file: join(folder, 'absent.duckdb') }, { views: { customer: join(folder, 'absent.csv') } }])(
    'ends at %j, which is absent, and makes nothing',
    async (settings) => {
      const steps = await look(duckdb(settings));
      expect(steps).toMatchObject([
        { step: 'file', code: 'E_CONNECTION_CONFIG', next: expect.stringContaining('`file`') },
      ]);
      expect(existsSync(join(folder, 'absent.duckdb'))).toBe(false);
    },
  );

  it('shows the disk of a database file', async () => {
    const build = join(folder, 'build');
    writeFileSync(join(folder, 'build.sql'), '');
    const steps = await look(duckdb({ file: join(folder, 'new', 'x.duckdb'), build: folder }));
    expect(steps.map(({ step }) => step).slice(0, 2)).toEqual(['file', 'disk']);
    expect(named(steps, 'disk')?.detail).toMatch(/GB free at /);
    expect(existsSync(build)).toBe(false);
  });
});

describe('the diagnosis of a Vertica of several nodes', () => {
  it('goes on with a node that answers, and names those that do not', async () => {
    const wire = await startVerticaWire();
    onTestFinished(() => wire.stop());
    const connection = connectionTo(wire, { port: 1, backup_hosts: [`${wire.host}:${wire.port}`] });
    const steps = await look(connection);
    expect(outline(steps)).toEqual(['hosts warned', ...wellServed]);
    expect(steps[0]?.detail).toBe(`1 of 2 nodes answer, not ${wire.host}:1`);
    const none = await look(connectionTo(wire, { port: 1, backup_hosts: ['127.0.0.1:2'] }));
    expect(outline(none)).toEqual(['hosts warned', 'dns passed', 'tcp failed']);
  });
});

describe.skipIf(!hasOpenssl)('the diagnosis of certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-certificates-'));
  const pem = (name: string): string => join(folder, `${name}.pem`);
  const started: TestServer[] = [];
  const ports: Record<string, number> = {};

  beforeAll(async () => {
    makeAuthority(folder, 'ca');
    makeAuthority(folder, 'stranger');
    for (const [name, days] of [
      ['fresh', 400],
      ['soon', 5],
      ['expired', -1],
    ] as const) {
      makeCertificate(folder, name, 'DNS:localhost', days);
      const server = await startMariadb(`--ssl-cert=${pem(name)}`, `--ssl-key=${join(folder, `${name}.key`)}`);
      if (!server) return;
      started.push(server);
      ports[name] = Number(new URL(server.url).port);
    }
  });
  afterAll(async () => {
    await Promise.all(started.map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  });

  const tlsOf = async (name: string, settings: Partial<MysqlConnection>, clock = now): Promise<Step | undefined> => {
    const login = { user: 'segtag', password: 'segtag', database: 'segtag', host: 'localhost' };
    return named(await look(mysqlConnection({ ...login, port: ports[name]!, ...settings }), clock), 'tls');
  };
  const full = { tls: 'verify-full', ca: pem('ca') } as const;

  itWithMysql('tells who signed it and how long it is valid', async () => {
    expect(await tlsOf('fresh', full)).toMatchObject({
      state: 'passed',
      detail: expect.stringMatching(
        /^TLSv1\.\d, certificate of fresh by ca, valid \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/,
      ),
    });
  });

  itWithMysql('warns when few days are left', async () => {
    expect(await tlsOf('soon', full)).toMatchObject({
      state: 'warned',
      detail: expect.stringMatching(/[45] days are left/),
    });
  });

  itWithMysql('fails when it has expired, or warns where the mode does not mind', async () => {
    expect(await tlsOf('expired', full)).toMatchObject({
      state: 'failed',
      code: 'E_CONNECTION_CONFIG',
      detail: expect.stringContaining('expired on'),
      next: expect.stringContaining('renewed'),
    });
    expect(await tlsOf('expired', { tls: 'require' })).toMatchObject({ state: 'warned' });
    expect(await tlsOf('fresh', full, () => Date.now() + 500 * 86_400_000)).toMatchObject({ state: 'failed' });
  });

  itWithMysql('fails when a stranger signed it, or it is for another name', async () => {
    expect(await tlsOf('fresh', { ...full, ca: pem('stranger') })).toMatchObject({
      detail: expect.stringContaining('not trusted'),
      next: expect.stringContaining('`ca`'),
    });
    expect(await tlsOf('fresh', { ...full, host: '127.0.0.1' })).toMatchObject({
      detail: expect.stringContaining('another name'),
    });
    expect(await tlsOf('fresh', { ...full, ca: '/nowhere/ca.pem' })).toMatchObject({ code: 'E_CONNECTION_CONFIG' });
  });
});

async function closing(made: Promise<FaultyProxy>): Promise<FaultyProxy> {
  const proxy = await made;
  onTestFinished(() => proxy.close());
  return proxy;
}
