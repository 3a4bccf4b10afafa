import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { PostgresConnection } from '../../../src/job/connections-schema.ts';
import { openWarehouse } from '../../../src/warehouse/open.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { hasOpenssl, makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { itWithPostgres as it, postgresUrl } from '../../support/engines.ts';
import { postgresConnection } from '../engines.ts';
import { failureOf, readSql, valuesOf } from '../reading.ts';
import { soonMs } from '../../support/patience.ts';

const open = (settings: Partial<PostgresConnection> = {}): Promise<Warehouse> =>
  openWarehouse(postgresConnection(settings), { job: 'opportunities', runId: 'opportunities-20260630T020000Z-abcd' });

async function withSession<T>(
  settings: Partial<PostgresConnection>,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  const warehouse = await open(settings);
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

/** Runs SQL on the server as its owner, beside the session under test. */
async function asOwner(sql: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: postgresUrl().href });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

const slow = 'SELECT COUNT(*) AS n FROM generate_series(1, 100000) AS a, generate_series(1, 100000) AS b WHERE a <> b';
const endless = 'SELECT generate_series(1, 1000000000) AS i';
const running =
  "SELECT COUNT(*)::INT FROM pg_stat_activity WHERE state = 'active' AND application_name LIKE 'segtag opportunities%'";

describe('a PostgreSQL session', () => {
  it('sees one state of the source in all its reads', async () => {
    await asOwner('DROP TABLE IF EXISTS reader_snapshot; CREATE TABLE reader_snapshot AS SELECT 1 AS x');
    await withSession({}, async (warehouse) => {
      const count = async (): Promise<unknown[]> =>
        valuesOf(await readSql(warehouse, 'SELECT COUNT(*) AS n FROM reader_snapshot'), 'n');
      expect(await count()).toEqual([1]);
      await asOwner('INSERT INTO reader_snapshot VALUES (2)');
      expect(await count()).toEqual([1]);
    });
    await asOwner('DROP TABLE reader_snapshot');
  });

  it('cannot write', async () => {
    await asOwner('CREATE SEQUENCE IF NOT EXISTS reader_sequence');
    await withSession({}, async (warehouse) => {
      const error = await failureOf(readSql(warehouse, "SELECT nextval('reader_sequence') AS x"));
      expect(error.message).toContain('SQLSTATE 25006');
    });
  });

  it('names job and run in the list of sessions', async () => {
    const names = await withSession({}, () =>
      asOwner("SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'segtag%'"),
    );
    expect(names).toContainEqual(['segtag opportunities opportunities-20260630T020000Z-abcd']);
  });

  it('looks for tables along the search path', async () => {
    await asOwner(
      'CREATE SCHEMA IF NOT EXISTS "Sales data"; CREATE TABLE IF NOT EXISTS "Sales data".deal AS SELECT 5 AS x',
    );
    await withSession({ search_path: ['Sales data', 'public'] }, async (warehouse) => {
      expect(valuesOf(await readSql(warehouse, 'SELECT x FROM deal'), 'x')).toEqual([5]);
    });
  });

  it('reads dates and doubles the same whatever the role has set', async () => {
    await asOwner(`DO $$ BEGIN CREATE ROLE reader_german LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      ALTER ROLE reader_german SET DateStyle = 'German'; ALTER ROLE reader_german SET extra_float_digits = -10`);
    await withSession({ user: 'reader_german' }, async (warehouse) => {
      const sql =
        "SELECT DATE '2024-03-10' AS day, TIMESTAMP '2024-03-10 02:30:00' AS moment, 0.1::float8 + 0.2::float8 AS x";
      const frame = await readSql(warehouse, sql);
      expect(['day', 'moment', 'x'].map((name) => valuesOf(frame, name)[0])).toEqual([
        '2024-03-10',
        '2024-03-10 02:30:00',
        0.1 + 0.2,
      ]);
    });
  });

  it.each(['char(3)', 'name', 'bpchar', 'uuid'])('reads %s as text', async (type) => {
    await withSession({}, async (warehouse) => {
      const text = type === 'uuid' ? '8d7e1f3c-0b7c-4d8e-9f70-1b2c3d4e5f60' : 'abc';
      expect(valuesOf(await readSql(warehouse, `SELECT '${text}'::${type} AS x`), 'x')).toEqual([text]);
    });
  });

  it('reads single-precision values as exactly what the server holds, and NaN as NaN', async () => {
    await withSession({}, async (warehouse) => {
      const frame = await readSql(warehouse, "SELECT 0.1::real AS a, 'NaN'::numeric AS b, '-Infinity'::float8 AS c");
      expect(['a', 'b', 'c'].map((name) => valuesOf(frame, name)[0])).toEqual([
        Math.fround(0.1),
        Number.NaN,
        -Infinity,
      ]);
    });
  });

  it.each(["'infinity'::date", "'-infinity'::timestamp", "'0044-03-15 BC'::date", "'10000-01-01'::timestamp"])(
    'refuses %s, which is on no calendar of ours',
    async (expression) => {
      await withSession({}, async (warehouse) => {
        expect((await failureOf(readSql(warehouse, `SELECT ${expression} AS x`))).code).toBe('E_COLUMN_VALUE');
      });
    },
  );

  it('stops a query on the server when a value in it cannot be read', async () => {
    await withSession({}, async (warehouse) => {
      const sql = `SELECT CASE WHEN i = 1000 THEN 9007199254740993 ELSE i END AS x FROM (${endless}) AS t`;
      expect((await failureOf(readSql(warehouse, sql))).code).toBe('E_COLUMN_VALUE');
      await expect.poll(() => asOwner(running)).toEqual([[0]]);
    });
  });

  it('leaves nothing running on the server after a time-out or an abort', async () => {
    for (const sql of [slow, endless]) {
      await withSession({}, async (warehouse) => {
        expect((await failureOf(readSql(warehouse, sql, { timeoutMs: 300 }))).code).toBe('E_WAREHOUSE_TIMEOUT');
      });
      await withSession({}, async (warehouse) => {
        await expect(readSql(warehouse, sql, { signal: AbortSignal.timeout(300) })).rejects.toThrow('aborted');
      });
      await expect.poll(() => asOwner(running)).toEqual([[0]]);
    }
  });
});

describe('a PostgreSQL session that fails', () => {
  it.each([slow, endless])(
    'reports the connection as lost when its backend is killed in the middle of %s',
    async (sql) => {
      await withSession({}, async (warehouse) => {
        const reading = failureOf(readSql(warehouse, sql));
        await new Promise((resolve) => setTimeout(resolve, 300));
        await asOwner(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'segtag opportunities%'",
        );
        const error = await reading;
        expect([error.code, error.where]).toEqual([
          'E_WAREHOUSE_LOST',
          expect.stringMatching(/^warehouse \(postgres 127/),
        ]);
      });
    },
  );

  it('reports the connection as lost when it was killed between two reads', async () => {
    await withSession({}, async (warehouse) => {
      await asOwner(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'segtag opportunities%'",
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect((await failureOf(readSql(warehouse, 'SELECT 1 AS x'))).code).toBe('E_WAREHOUSE_LOST');
    });
  });

  it('names the missing grant', async () => {
    await asOwner(`DO $$ BEGIN CREATE ROLE reader_poor LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      CREATE TABLE IF NOT EXISTS reader_secret (x INT); REVOKE ALL ON reader_secret FROM PUBLIC`);
    await withSession({ user: 'reader_poor' }, async (warehouse) => {
      const error = await failureOf(readSql(warehouse, 'SELECT x FROM reader_secret'));
      expect([error.code, error.remedy]).toEqual(['E_GRANT_MISSING', expect.stringContaining('SELECT')]);
      expect(error.message).toContain('reader_secret (SQLSTATE 42501)');
    });
  });

  it.each([{ user: 'nobody_knows' }, { database: 'nowhere' }])('refuses the login with %j', async (settings) => {
    const error = await failureOf(open({ ...settings, password: 'hunter2' }));
    expect(error.code).toBe('E_LOGIN_REFUSED');
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
  });

  it('says that the server, or the role, takes no more sessions, which may be otherwise later', async () => {
    await asOwner(`DO $$ BEGIN CREATE ROLE reader_crowded LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      ALTER ROLE reader_crowded CONNECTION LIMIT 1`);
    await withSession({ user: 'reader_crowded' }, async () => {
      const error = await failureOf(open({ user: 'reader_crowded' }));
      expect([error.code, error.remedy]).toEqual(['E_WAREHOUSE_UNREACHABLE', expect.stringContaining('later')]);
      expect(error.message).toContain('53300');
    });
    await withSession({ user: 'reader_crowded' }, async (warehouse) => {
      expect(valuesOf(await readSql(warehouse, 'SELECT 1 AS x'), 'x')).toEqual([1]);
    });
  });

  it('says that nobody listens, and that a server keeps silent', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const started = performance.now();
    const error = await failureOf(open({ host: '127.0.0.1', port, connect_timeout_seconds: 0.5 }));
    expect(error.code).toBe('E_WAREHOUSE_UNREACHABLE');
    expect(performance.now() - started).toBeLessThan(soonMs);
    await new Promise((resolve) => silent.close(resolve));
    const refused = await failureOf(open({ host: '127.0.0.1', port }));
    expect([refused.code, refused.message]).toEqual([
      'E_WAREHOUSE_UNREACHABLE',
      expect.stringContaining('ECONNREFUSED'),
    ]);
    expect((await failureOf(open({ host: 'no-such-host.invalid' }))).code).toBe('E_WAREHOUSE_UNREACHABLE');
  });

  it('never lets a value of a row into the error', async () => {
    const jane = '(SELECT \'Jane "J" Doe, 4711\' AS name) AS t';
    const statements = [
      `SELECT name::int AS x FROM ${jane}`,
      `SELECT name::date AS x FROM ${jane}`,
      `SELECT ('{"a": ' || name)::json::text AS x FROM ${jane}`,
      `SELECT name::uuid AS x FROM ${jane}`,
      `SELECT to_date(name, 'YYYY') AS x FROM ${jane}`,
      `SELECT ('{' || name)::int[]::text AS x FROM ${jane}`,
      `SELECT name::real AS x FROM ${jane}`,
    ];
    for (const sql of statements)
      await withSession({}, async (warehouse) => {
        const error = await failureOf(readSql(warehouse, sql));
        expect([sql, error.code]).toEqual([sql, 'E_SQL_REJECTED']);
        expect(inspect(error, { depth: 9 })).not.toMatch(/Jane|Doe|4711/);
      });
  });
});

describe.skipIf(!hasOpenssl)('an encrypted PostgreSQL connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-postgres-tls-'));
  const pem = (name: string): string => join(folder, `${name}.pem`);
  let encrypted: Server;
  let port: number;

  beforeAll(async () => {
    makeAuthority(folder, 'ca');
    makeAuthority(folder, 'stranger');
    makeCertificate(folder, 'server', 'DNS:localhost');
    encrypted = createServer((socket) => encrypt(socket)).listen(0, '127.0.0.1');
    await once(encrypted, 'listening');
    ({ port } = encrypted.address() as AddressInfo);
  });
  afterAll(() => {
    encrypted.close();
    rmSync(folder, { recursive: true });
  });

  /** Answers the request for TLS as PostgreSQL does, and hands the rest on to the server in the clear. */
  function encrypt(socket: Socket): void {
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, {
        isServer: true,
        cert: readFileSync(pem('server')),
        key: readFileSync(join(folder, 'server.key')),
      });
      const server = connect(Number(postgresUrl().port), postgresUrl().hostname);
      for (const end of [socket, secure, server])
        end.on('error', () => [socket, server].map((other) => other.destroy()));
      secure.pipe(server).pipe(secure);
    });
  }

  const answer = (settings: Partial<PostgresConnection>): Promise<unknown[]> =>
    withSession({ host: 'localhost', port, ...settings }, async (warehouse) =>
      valuesOf(await readSql(warehouse, 'SELECT 1 AS x'), 'x'),
    );

  it('is made with require, whatever the certificate', async () => {
    expect(await answer({ tls: 'require' })).toEqual([1]);
  });

  it('is made with verify-ca by any name, when the authority is known', async () => {
    expect(await answer({ tls: 'verify-ca', host: '127.0.0.1', ca: pem('ca') }).catch(String)).toEqual([1]);
    expect((await failureOf(answer({ tls: 'verify-ca', ca: pem('stranger') }))).code).toBe('E_CONNECTION_CONFIG');
  });

  it('is made with verify-full only when the name is that of the certificate', async () => {
    expect(await answer({ tls: 'verify-full', ca: pem('ca') })).toEqual([1]);
    expect((await failureOf(answer({ tls: 'verify-full', host: '127.0.0.1', ca: pem('ca') }))).code).toBe(
      'E_CONNECTION_CONFIG',
    );
    expect((await failureOf(answer({ tls: 'verify-full' }))).code).toBe('E_CONNECTION_CONFIG');
  });

  it('is refused where the server has none, and where a file of it is missing', async () => {
    expect((await failureOf(open({ tls: 'require' }))).code).toBe('E_CONNECTION_CONFIG');
    const missing = await failureOf(open({ tls: 'verify-ca', ca: '/nowhere/ca.pem' }));
    expect([missing.code, missing.message]).toEqual([
      'E_CONNECTION_CONFIG',
      expect.stringContaining('/nowhere/ca.pem'),
    ]);
  });
});
