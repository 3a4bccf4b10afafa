import type { TestProject } from 'vitest/node';
import { startMariadb } from './mariadb.ts';
import { startPostgres, type TestServer } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent engines are the empty string; their tests skip, or fail where engines are required. */
    postgresUrl: string;
    mysqlUrl: string;
  }
}

/** Starts the engines that no environment variable names, and stops them afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: TestServer[] = [];
  const provideUrl = async (
    key: 'postgresUrl' | 'mysqlUrl',
    given: string | undefined,
    start: () => Promise<TestServer | undefined>,
  ): Promise<void> => {
    const server = given ? { url: given, stop: async () => {} } : await start();
    if (server) started.push(server);
    project.provide(key, server?.url ?? '');
  };
  await Promise.all([
    provideUrl('postgresUrl', process.env.SEGTAG_TEST_POSTGRES_URL, startPostgres),
    provideUrl('mysqlUrl', process.env.SEGTAG_TEST_MYSQL_URL, startMariadb),
  ]);
  return async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
}
