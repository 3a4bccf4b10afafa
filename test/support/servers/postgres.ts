import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { freePort } from './free-port.ts';
import { findProgram, listening, runToEnd, startServer, stopped } from './process.ts';

export type TestServer = { readonly url: string; stop(): Promise<void> };

const debianFolders = [17, 16, 15, 14].map((version) => `/usr/lib/postgresql/${version}/bin`);

/** A throwaway PostgreSQL on a free loopback port, or undefined where its programs are absent. */
export async function startPostgres(): Promise<TestServer | undefined> {
  const initdb = findProgram('initdb', debianFolders);
  const postgres = findProgram('postgres', debianFolders);
  if (!initdb || !postgres) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'segtag-postgres-'));
  const as = process.getuid?.() === 0 ? serverUser() : undefined;
  if (as) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  runToEnd(initdb, ['-D', data, '-U', 'segtag', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'], as);
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off'];
  const server = startServer(postgres, ['-D', data, '-p', String(port), ...settings], {
    logFile: join(folder, 'log'),
    as,
  });
  await listening(server, port);
  return {
    url: `postgres://segtag@127.0.0.1:${port}/postgres`,
    async stop() {
      await stopped(server, 'SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root: there it runs as the user that Debian's package makes. */
function serverUser(): { uid: number; gid: number } {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout),
  );
  if (!uid || !gid) throw new Error('PostgreSQL refuses to run as root, and there is no user postgres to run it as');
  return { uid, gid };
}
