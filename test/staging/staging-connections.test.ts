import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectionSchema, type ResolvedConnection } from '../../src/job/connections-schema.ts';
import { openStaging } from '../../src/staging/staging.ts';
import { bundled } from '../support/bundled.ts';
import { mysqlUrl, postgresUrl, itWithMysql, itWithPostgres } from '../support/engines.ts';
import { blackHole } from '../support/faulty-proxy.ts';
import { candidate, candidatesOf, failureOf, publishRun, runOf } from '../support/staging-fixtures.ts';

const run = promisify(execFile);
const script = await bundled('staging-process');

describe('staging in a SQLite file', () => {
  it('makes the folder and the tables by itself', async () => {
    const staging = await openStaging(sqlite(join(temporaryFolder(), 'new', 'folder', 'crm.sqlite')));
    await staging.requireMigrated('segment_tag');
    expect(await publishRun(staging, 'r1', candidatesOf(candidate('a')))).toMatchObject({ rows: 1 });
    await staging.close();
  });

  it('is migrated once when twenty processes start on an empty file', async () => {
    const alone = await staged(join(temporaryFolder(), 'crm.sqlite'), 'migrate');
    expect(Number(alone)).toBeGreaterThan(0);
    const file = join(temporaryFolder(), 'crm.sqlite');
    const outputs = await Promise.all(Array.from({ length: 20 }, () => staged(file, 'migrate')));
    expect(outputs.sort()).toEqual([...Array<string>(19).fill('0'), alone]);
  });

  it('says so when the file cannot be written to', async () => {
    const file = join(temporaryFolder(), 'crm.sqlite');
    const staging = await openStaging(sqlite(file));
    await staging.migrate(['segment_tag']);
    await staging.insertRun(runOf('r1'));
    await staging.close();
    chmodSync(file, 0o444);
    expect(await staged(file, 'update', nobody())).toBe('E_STAGING_READ_ONLY');
    chmodSync(dirname(file), 0o555);
    expect(await staged(file, 'update', nobody())).toBe('E_STAGING_READ_ONLY');
    chmodSync(dirname(file), 0o755);
  });

  it('says so when the folder cannot be made', async () => {
    const blocked = join(temporaryFolder(), 'a-file');
    writeFileSync(blocked, '');
    expect(await failureOf(openStaging(sqlite(join(blocked, 'crm.sqlite'))))).toMatchObject({
      code: 'E_STAGING_READ_ONLY',
    });
  });

  it('refuses a file that is something else', async () => {
    const file = join(temporaryFolder(), 'crm.sqlite');
    writeFileSync(file, 'a spreadsheet, perhaps. '.repeat(100));
    expect(await failureOf(openStaging(sqlite(file)))).toMatchObject({ code: 'E_CONNECTION_CONFIG' });
  });

  it('is no place for DuckDB or Vertica', async () => {
    const duckdb = openStaging(resolved({ client: 'duckdb' }));
    expect(await failureOf(duckdb)).toMatchObject({ code: 'E_CONNECTION_CONFIG' });
  });
});

describe.each([
  { name: 'PostgreSQL', client: 'postgres', itRuns: itWithPostgres, url: postgresUrl },
  { name: 'MariaDB', client: 'mysql', itRuns: itWithMysql, url: mysqlUrl },
])('staging on the server $name', ({ client, itRuns, url }) => {
  const server = (fields: object): ResolvedConnection => {
    const { hostname, port, username, password, pathname } = url();
    const login = { user: username, ...(password ? { password } : {}), database: pathname.slice(1) };
    return resolved({ client, host: hostname, port: Number(port), ...login, ...fields });
  };

  itRuns('names itself without its password', async () => {
    const staging = await openStaging(server({}));
    expect(staging.place).toMatch(new RegExp(`^${client} segtag@127.0.0.1:\\d+/\\w+$`));
    await staging.close();
  });

  itRuns('tells a refused login, and keeps the password to itself', async () => {
    const wrong = { user: 'nobody', password: 'hunter2', database: 'nowhere' };
    const failure = await failureOf(openStaging(server(wrong)));
    expect(failure.code).toBe('E_LOGIN_REFUSED');
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });

  itRuns('tells a server that is not there', async () => {
    const failure = await failureOf(openStaging(server({ port: 1 })));
    expect(failure).toMatchObject({ code: 'E_CRM_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') });
  });

  itRuns('gives up on a server that never answers', async () => {
    const hole = await blackHole();
    onTestFinished(() => hole.close());
    const silent = openStaging(server({ host: '127.0.0.1', port: hole.port, connect_timeout_seconds: 0.5 }));
    expect(await failureOf(silent)).toMatchObject({ code: 'E_CRM_UNREACHABLE' });
  });

  itRuns('refuses to talk in the clear where encryption is required', async () => {
    expect(await failureOf(openStaging(server({ tls: 'require' })))).toMatchObject({ code: 'E_CRM_UNREACHABLE' });
  });

  itRuns('names the certificate file that it cannot read', async () => {
    const failure = await failureOf(
      openStaging(server({ host: 'localhost', tls: 'verify-full', ca: '/nowhere/ca.pem' })),
    );
    expect(failure).toMatchObject({ code: 'E_CONNECTION_CONFIG', message: expect.stringContaining('/nowhere/ca.pem') });
  });
});

itWithMysql('a MySQL certificate is checked against a name, never against an address', async () => {
  const { hostname, port, username, password, pathname } = mysqlUrl();
  const login = { client: 'mysql', user: username, password, database: pathname.slice(1), port: Number(port) };
  const staging = openStaging(resolved({ ...login, host: hostname, tls: 'verify-full' }));
  expect(await failureOf(staging)).toMatchObject({
    code: 'E_CONNECTION_CONFIG',
    message: expect.stringContaining(`the address ${hostname}`),
  });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-connections-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  chmodSync(folder, 0o755);
  return inner;
}

function sqlite(file: string): ResolvedConnection {
  return resolved({ client: 'sqlite', file });
}

function resolved(config: object): ResolvedConnection {
  return { name: 'crm', target: 'test', config: connectionSchema.parse(config) };
}

/** Root may write to any file, so a test that runs as root lends its child another user. */
function nobody(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

async function staged(file: string, deed: string, user?: { uid: number; gid: number }): Promise<string> {
  const { stdout } = await run(process.execPath, [script, file, deed], { ...user });
  return stdout;
}
