import { inject, it, type TestAPI } from 'vitest';

/** Set by continuous integration: an engine that is absent then fails its tests instead of skipping them. */
const enginesRequired = process.env.SEGTAG_TEST_REQUIRE_ENGINES === '1';

/** `it` where PostgreSQL runs; elsewhere a loud skip, or a failure where engines are required. */
export const itWithPostgres = itWith('PostgreSQL', inject('postgresUrl'), 'SEGTAG_TEST_POSTGRES_URL');

/** `it` where MariaDB or MySQL runs; elsewhere a loud skip, or a failure where engines are required. */
export const itWithMysql = itWith('MariaDB', inject('mysqlUrl'), 'SEGTAG_TEST_MYSQL_URL');

export function postgresUrl(): URL {
  return new URL(inject('postgresUrl'));
}

export function mysqlUrl(): URL {
  return new URL(inject('mysqlUrl'));
}

function itWith(engine: string, url: string, variable: string): TestAPI {
  if (url !== '' || enginesRequired) return it;
  console.warn(`SKIPPED: ${engine} tests. Install ${engine}, or set ${variable}.`);
  return it.skip as unknown as TestAPI;
}
