import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import type { TestServer } from './postgres.ts';
import { findProgram, listening, runToEnd, startServer, stopped } from './process.ts';

const debianFolders = ['/usr/sbin', '/usr/bin'];

/** A throwaway MariaDB on a free loopback port, with more settings if given, or undefined where its programs are absent. */
export async function startMariadb(...more: readonly string[]): Promise<TestServer | undefined> {
  const install = findProgram('mariadb-install-db', debianFolders);
  const mariadbd = findProgram('mariadbd', debianFolders);
  if (!install || !mariadbd) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'segtag-mariadb-'));
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const data = `--datadir=${join(folder, 'data')}`;
  runToEnd(install, ['--no-defaults', data, '--auth-root-authentication-method=normal', '--skip-test-db', ...user]);
  const port = await freePort();
  const network = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`];
  const settings = ['--local-infile=1', '--innodb-flush-log-at-trx-commit=0', '--character-set-server=utf8mb4'];
  const server = startServer(mariadbd, ['--no-defaults', data, ...user, ...network, ...settings, ...more], {
    logFile: join(folder, 'log'),
  });
  await listening(server, port);
  await makeDatabase(port);
  return {
    url: `mysql://segtag:segtag@127.0.0.1:${port}/segtag`,
    async stop() {
      await stopped(server, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeDatabase(port: number): Promise<void> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' });
  await connection.query('CREATE DATABASE segtag');
  await connection.query("CREATE USER 'segtag'@'%' IDENTIFIED BY 'segtag'");
  await connection.query("GRANT ALL ON *.* TO 'segtag'@'%' WITH GRANT OPTION");
  await connection.end();
}
