import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openVertica } from '../../../src/warehouse/vertica/open.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { blackHole } from '../../support/faulty-proxy.ts';
import { failureOf, valuesOf } from '../reading.ts';
import { connectionTo, statement, tag, within } from '../vertica-client.ts';
import { cleanups, opened, started } from './sessions.ts';

describe('logging in', () => {
  it.each(['trust', 'password', 'md5', 'sha512'] as const)('works by %s', async (authentication) => {
    const wire = await started({ authentication });
    const frame = await (await opened(wire)).read(statement('SELECT 1 AS one'), within);
    expect(valuesOf(frame, 'one')).toEqual([1]);
  });

  it.each(['password', 'md5', 'sha512'] as const)(
    'with a wrong password is refused under %s, without showing it',
    async (authentication) => {
      const wire = await started({ authentication });
      const error = await failureOf(openVertica(connectionTo(wire, { password: 'Tr0ub4dor' }), tag));
      expect(error.code).toBe('E_LOGIN_REFUSED');
      expect(error.message).toContain('warehouse (vertica 127.0.0.1');
      expect(inspect(error, { depth: 9 })).not.toContain('Tr0ub4dor');
    },
  );

  it('works by an OAuth token, and a wrong one is refused without showing it', async () => {
    const wire = await started({ authentication: 'oauth', users: { segtag: 'eyJhbGciOiJSUzI1NiJ9.right' } });
    const { config, ...connection } = connectionTo(wire);
    const { password: _, ...without } = config;
    const by = (token: string): Promise<Warehouse> =>
      openVertica({ ...connection, config: { ...without, oauth_access_token: token } }, tag);
    const warehouse = await by('eyJhbGciOiJSUzI1NiJ9.right');
    cleanups.push(warehouse.close);
    expect(valuesOf(await warehouse.read(statement('SELECT 1 AS one'), within), 'one')).toEqual([1]);
    const error = await failureOf(by('eyJhbGciOiJSUzI1NiJ9.wrong'));
    expect(error.code).toBe('E_LOGIN_REFUSED');
    expect(inspect(error, { depth: 9 })).not.toContain('eyJhbGciOiJSUzI1NiJ9');
  });

  it('takes nothing from the environment, neither secrets nor settings', async () => {
    const leaks = {
      V_PASSWORD: 'segtag',
      V_OAUTH_ACCESS_TOKEN: 'token',
      V_TLS_CONFIG: 'on',
      V_TLS_MODE: 'require',
      V_BACKUP_SERVER_NODE: 'elsewhere:1',
      V_HOST: 'elsewhere',
      V_OPTIONS: '--nonsense',
      V_BINARY: 'yes',
    };
    Object.assign(process.env, leaks);
    cleanups.push(async () => Object.keys(leaks).forEach((name) => delete process.env[name]));
    const trusting = await opened(await started());
    expect(valuesOf(await trusting.read(statement('SELECT 1 AS one'), within), 'one')).toEqual([1]);
    expect(process.env.V_PASSWORD).toBe('segtag');
    const byToken = connectionTo(await started({ authentication: 'oauth', users: { segtag: 'token' } }));
    expect((await failureOf(openVertica(byToken, tag))).code).toBe('E_LOGIN_REFUSED');
    const { config, ...connection } = connectionTo(await started({ authentication: 'password' }));
    const { password: _, ...without } = config;
    expect((await failureOf(openVertica({ ...connection, config: without }, tag))).code).toBe('E_LOGIN_REFUSED');
  });

  it('to an unknown database is refused', async () => {
    const error = await failureOf(openVertica(connectionTo(await started(), { database: 'elsewhere' }), tag));
    expect(error.code).toBe('E_LOGIN_REFUSED');
  });

  it('tells the server which job and run it is', async () => {
    const wire = await started();
    await opened(wire);
    expect(wire.sessions().map(({ label }) => label)).toEqual([`segtag job=${tag.job} run=${tag.runId}`]);
  });

  it('fails at once where nobody listens, and in time where nobody answers', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const at = { host: '127.0.0.1', port, database: 'segtag' };
    const slow = await failureOf(openVertica(connectionTo(at, { connect_timeout_seconds: 0.3 }), tag));
    expect(slow.code).toBe('E_WAREHOUSE_UNREACHABLE');
    await new Promise((resolve) => silent.close(resolve));
    expect((await failureOf(openVertica(connectionTo(at), tag))).code).toBe('E_WAREHOUSE_UNREACHABLE');
    expect((await failureOf(openVertica(connectionTo(at, { host: 'no-such-host.invalid' }), tag))).code).toBe(
      'E_WAREHOUSE_UNREACHABLE',
    );
  });

  it('finds the address that answers when a name has several', async () => {
    const wire = await started();
    expect((await opened(wire, { host: 'localhost' })).place).toContain('localhost');
  });
});

describe('a database of several nodes', () => {
  it('is entered by the first node that answers', async () => {
    const wire = await started();
    const backup_hosts = ['no-such-host.invalid:5433', `127.0.0.1:${await deadPort()}`, `${wire.host}:${wire.port}`];
    const warehouse = await opened(wire, { port: await deadPort(), backup_hosts });
    expect(valuesOf(await warehouse.read(statement('SELECT 1 AS one'), within), 'one')).toEqual([1]);
  });

  it('is entered by another node when one accepts and never answers', async () => {
    const wire = await started();
    const silent = await blackHole();
    cleanups.push(silent.close);
    const changes = { port: silent.port, backup_hosts: [`localhost:${wire.port}`], connect_timeout_seconds: 0.3 };
    expect((await opened(wire, changes)).dialect).toBe('vertica');
  });

  it('is refused by the first node that refuses the login, because all nodes have the same users', async () => {
    const [first, second] = [await started({ authentication: 'md5' }), await started()];
    const changes = { password: 'wrong', backup_hosts: [`127.0.0.1:${second.port}`] };
    expect((await failureOf(openVertica(connectionTo(first, changes), tag))).code).toBe('E_LOGIN_REFUSED');
    expect(second.sessions()).toEqual([]);
  });

  it('is unreachable when no node answers, and each of them is named', async () => {
    const backup_hosts = [`127.0.0.1:${await deadPort()}`];
    const at = { host: '127.0.0.1', port: await deadPort(), database: 'segtag' };
    const error = await failureOf(openVertica(connectionTo(at, { backup_hosts }), tag));
    expect(error.code).toBe('E_WAREHOUSE_UNREACHABLE');
    for (const place of [`127.0.0.1:${at.port}`, ...backup_hosts])
      expect(error.message).toContain(`${place}: connect ECONNREFUSED`);
  });

  it('is always entered by its host first, unless sessions are to be spread', async () => {
    const [first, second] = [await started(), await started()];
    const sessions = (): number[] => [first.sessions().length, second.sessions().length];
    const backup_hosts = [`127.0.0.1:${second.port}`];
    for (let i = 0; i < 5; i++) await opened(first, { backup_hosts });
    expect(sessions()).toEqual([5, 0]);
    for (let i = 0; i < 30 && sessions().includes(0); i++) await opened(first, { backup_hosts, load_balance: true });
    expect(sessions()[1]).toBeGreaterThan(0);
  });
});

async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
