import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Knex } from 'knex';
import { createVerticaKnex, type ConnectionSettings } from '../../../src/warehouse/vertica/knex-dialect.ts';
import { startVerticaWire, type VerticaWire } from '../../support/vertica-wire/server.ts';
import { fill } from '../vertica-client.ts';

let wire: VerticaWire;
let db: Knex;

beforeEach(async () => {
  wire = await startVerticaWire({ authentication: 'sha512' });
  db = connect();
});
afterEach(async () => {
  await db.destroy();
  await wire.stop();
});

function connect(changes: Partial<ConnectionSettings> = {}, pool: Knex.PoolConfig = { min: 0, max: 2 }): Knex {
  const settings: ConnectionSettings = {
    hosts: [wire],
    database: wire.database,
    user: 'segtag',
    password: 'segtag',
    oauthAccessToken: undefined,
    label: 'segtag test',
    connectTimeoutMs: 5000,
    tls: undefined,
    session: { snapshot: false },
    ...changes,
  };
  return createVerticaKnex(settings, pool);
}

const hundredThousand = 'CREATE TABLE numbers AS SELECT i FROM range(100000) r(i)';

describe('a query', () => {
  it('keeps its question marks and binds by position and by name', async () => {
    expect(db('t').where({ a: 1 }).whereIn('b', ['x', 'y']).toSQL().toNative().sql).toBe(
      'select * from "t" where "a" = ? and "b" in (?, ?)',
    );
    const { rows } = await db.raw("SELECT CAST(:a AS INT) + CAST(:b AS INT) AS sum, '\\?' AS mark", { a: 2, b: 3 });
    expect(rows).toEqual([{ sum: 5, mark: '?' }]);
  });

  it('gives numbers where they are exact, and the server’s text for all that a number or Date would change', async () => {
    const { rows } = await db.raw(`SELECT 1 AS small, 9007199254740993 AS large, CAST(0.5 AS FLOAT) AS f, 1 = 1 AS yes,
      CAST('0.10' AS NUMERIC(9,2)) AS n, CAST('2024-03-10 02:30:00' AS TIMESTAMP) AS t, CAST(NULL AS INT) AS nothing`);
    expect(rows).toEqual([
      { small: 1, large: 9007199254740993n, f: 0.5, yes: true, n: '0.10', t: '2024-03-10 02:30:00', nothing: null },
    ]);
  });

  it('answers by its method: rows, the first one, one column', async () => {
    await fill(wire.instance, "CREATE TABLE t AS SELECT * FROM (VALUES (1, 'x'), (2, 'y'), (3, 'x')) v(a, b)");
    expect(await db('t').select('b').groupBy('b').count({ n: 'a' }).orderBy('b')).toEqual([
      { b: 'x', n: 2 },
      { b: 'y', n: 1 },
    ]);
    expect(await db('t').where('a', '>', 1).orderBy('a').limit(1).first()).toEqual({ a: 2, b: 'y' });
    expect(await db('t').orderBy('a').pluck('a')).toEqual([1, 2, 3]);
    expect(await db('t').where({ a: 9 }).first()).toBeUndefined();
  });

  it('counts what it changed from the row that the server answers', async () => {
    await fill(wire.instance, 'CREATE TABLE t (a BIGINT, b VARCHAR)');
    expect(
      await db('t').insert([
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
        { a: 3, b: 'y' },
      ]),
    ).toBe(3);
    expect(await db('t').where({ b: 'y' }).update({ b: 'z' })).toBe(2);
    expect(
      await db('t')
        .where({ a: 1 })
        .update({ a: db.raw('a + CAST(? AS INT)', [10]) }),
    ).toBe(1);
    expect(await db('t').where({ a: 99 }).del()).toBe(0);
    expect(await db('t').where({ b: 'z' }).del()).toBe(2);
    const merge = await db.raw(`MERGE INTO t USING (SELECT 11 AS a, 'new' AS b) s ON t.a = s.a
      WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b)`);
    expect(merge.rows).toEqual([{ OUTPUT: 1 }]);
    await db('t').truncate();
    expect(await db('t')).toEqual([]);
  });

  it('binds moments in UTC, whatever the time zone of this host', async () => {
    const { rows } = await db.raw('SELECT CAST(? AS VARCHAR) AS t', [new Date(Date.UTC(2024, 0, 15, 17, 0, 0, 250))]);
    expect(rows).toEqual([{ t: '2024-01-15 17:00:00.250+00' }]);
  });

  it('fails with the server’s words and without the values that were bound', async () => {
    await fill(wire.instance, 'CREATE TABLE t (a BIGINT)');
    const failing = db.raw('SELECT nowhere FROM t WHERE CAST(a AS VARCHAR) = ?', ['secret']);
    await expect(failing).rejects.toMatchObject({ code: '42703' });
    await expect(failing).rejects.not.toThrow(/secret/);
  });
});

describe('what Vertica does not have is refused with the way out, before anything is sent', () => {
  it.each<[string, (db: Knex) => Promise<unknown> | Knex.QueryBuilder]>([
    ['RETURNING', (db) => db('t').insert({ a: 1 }).returning('a')],
    ['RETURNING', (db) => db('t').update({ a: 1 }, ['a'])],
    ['RETURNING', (db) => db('t').del(['a'])],
    ['ON CONFLICT', (db) => db('t').insert({ a: 1 }).onConflict('a').merge()],
    ['ON CONFLICT', (db) => db('t').insert({ a: 1 }).onConflict('a').ignore()],
    ['DISTINCT ON', (db) => db('t').distinctOn('a')],
    ['lock of single rows', (db) => db.transaction((trx) => trx('t').forUpdate())],
    ['lock of single rows', (db) => db.transaction((trx) => trx('t').forShare())],
    ['operators for JSON', (db) => db('t').jsonExtract('a', '$.b')],
    ['operators for JSON', (db) => db('t').whereJsonPath('a', '$.b', '=', 1)],
    ['operators for JSON', (db) => db('t').whereJsonSupersetOf('a', { b: 1 })],
    ['operators for JSON', (db) => db('t').whereJsonObject('a', { b: 1 })],
  ])('%s: %s', async (what, query) => {
    await fill(wire.instance, 'CREATE TABLE t (a BIGINT)');
    await expect(Promise.resolve().then(() => query(db))).rejects.toThrow(`Vertica has no ${what}: `);
    expect(wire.sessions().some(({ sql }) => sql.includes('"t"'))).toBe(false);
  });
});

describe('a session', () => {
  it('commits each statement, sees its search path, and has its time limit on the server', async () => {
    await db.destroy();
    await fill(wire.instance, 'CREATE SCHEMA sales', 'CREATE TABLE sales.t (a BIGINT)', hundredThousand);
    db = connect(
      { session: { snapshot: false, searchPath: ['sales', 'main'], runtimeCapSeconds: 1 } },
      { min: 0, max: 1 },
    );
    await db('t').insert({ a: 1 });
    const other = connect();
    expect(await other('sales.t')).toEqual([{ a: 1 }]);
    await other.destroy();
    await expect(db.raw('SELECT count(*) FROM numbers a, numbers b WHERE mod(a.i * b.i, 7) = 3')).rejects.toMatchObject(
      { code: '57014' },
    );
    expect(await db('t')).toEqual([{ a: 1 }]);
  });

  it('knows the version of the server', async () => {
    await db.raw('SELECT 1');
    expect((db.client as { version: string }).version).toBe('0.0.0-0');
  });

  it('is pooled, and replaced when the server has cut it', async () => {
    await Promise.all([1, 2, 3, 4].map((i) => db.raw('SELECT CAST(? AS INT) AS i', [i])));
    expect(wire.sessions()).toHaveLength(2);
    wire.dropConnections();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await db.raw('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('is ended when its settings are not answered in time', async () => {
    const settings = { searchPath: Array.from({ length: 3 }, (_, i) => `s${i}`), snapshot: false };
    const slow = connect({ session: settings, connectTimeoutMs: 1 });
    await slow.raw('SELECT 1').catch(() => {});
    await slow.destroy();
    await expect.poll(() => wire.sessions().length).toBe(0);
  });
});

describe('a transaction', () => {
  beforeEach(() => fill(wire.instance, 'CREATE TABLE t (a BIGINT)'));

  it('is kept when it is committed and gone when it fails', async () => {
    await db.transaction(async (trx) => trx('t').insert({ a: 1 }));
    const failed = db.transaction(async (trx) => {
      await trx('t').insert({ a: 2 });
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await db('t')).toEqual([{ a: 1 }]);
  });

  it('is of the level and the access that it asks for, and the next one is not', async () => {
    const reading = db.transaction((trx) => trx('t').insert({ a: 1 }), {
      readOnly: true,
      isolationLevel: 'serializable',
    });
    await expect(reading).rejects.toMatchObject({ code: '25006' });
    await db.transaction((trx) => trx('t').insert({ a: 2 }));
    expect(await db('t')).toEqual([{ a: 2 }]);
  });

  it('is not nested, because the inner one would only seem to be undone', async () => {
    const nested = db.transaction((trx) => trx.transaction((inner) => inner('t').insert({ a: 1 })));
    await expect(nested).rejects.toThrow('Vertica gets no transaction inside another');
    expect(await db('t')).toEqual([]);
  });
});

describe('a stream', () => {
  beforeEach(() => fill(wire.instance, hundredThousand));

  it('gives all rows, no faster than they are taken', async () => {
    await fill(wire.instance, "CREATE TABLE wide AS SELECT i, repeat('x', 2000) AS pad FROM range(20000) r(i)");
    const rows = db('wide').select('i', 'pad').stream();
    let [sum, most] = [0, 0];
    for await (const { i } of rows as AsyncIterable<{ i: number }>) {
      sum += i;
      if (i % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      most = Math.max(most, rows.readableLength + rows.writableLength);
    }
    expect(sum).toBe((20_000 * 19_999) / 2);
    expect(most).toBeLessThan(200);
  });

  it('that is left early stops its query, and the pool goes on', async () => {
    let taken = 0;
    const rows = db.raw('SELECT a.i FROM numbers a, numbers b').stream() as AsyncIterable<unknown>;
    for await (const _ of rows) if (++taken === 10) break;
    expect(taken).toBe(10);
    expect(await db('numbers').where('i', '<', 2).orderBy('i').pluck('i')).toEqual([0, 1]);
    await expect.poll(() => wire.sessions().length).toBe(1);
  });

  it('ends with the error of the server', async () => {
    const reading = async (): Promise<void> => {
      for await (const _ of db.raw("SELECT CAST('x' || i AS INT) FROM numbers").stream() as AsyncIterable<unknown>);
    };
    await expect(reading()).rejects.toMatchObject({ code: '22V02' });
    expect((await db.raw('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a query with a time limit', () => {
  it('is cancelled on the server, and its connection goes on', async () => {
    await fill(wire.instance, hundredThousand);
    const slow = db.raw('SELECT count(*) FROM numbers a, numbers b WHERE mod(a.i * b.i, 7) = 3');
    await expect(slow.timeout(200, { cancel: true })).rejects.toThrow('200ms');
    expect((await db.raw('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a schema', () => {
  it('is made with the types of Vertica', () => {
    const ddl = db.schema
      .createTable('t', (table) => {
        table.increments('id');
        table.text('story');
        table.binary('picture');
        table.uuid('key');
        table.timestamp('at');
      })
      .toString();
    expect(ddl).toBe(
      'create table "t" ("id" identity(1,1) primary key, "story" long varchar, "picture" varbinary, "key" uuid, "at" timestamptz)',
    );
    expect(() => db.schema.createTable('t', (table) => void table.jsonb('a')).toString()).toThrow('JSON');
  });

  it('is looked up in v_catalog', async () => {
    await db.schema.createTable('Things', (table) => {
      table.increments('id');
      table.text('name');
    });
    await db('Things').insert({ name: 'first' });
    expect(await db('Things').pluck('id')).toEqual([1]);
    expect(await db.schema.hasTable('things')).toBe(true);
    expect(await db.schema.hasTable('nothings')).toBe(false);
    expect(await db.schema.hasColumn('Things', 'name')).toBe(true);
    expect(await db.schema.hasColumn('Things', 'size')).toBe(false);
    expect(await db('Things').columnInfo('name')).toMatchObject({ type: 'varchar', nullable: true });
  });

  it('is migrated without transactions, because DDL commits', async () => {
    const migrations = {
      one: { up: (knex: Knex) => knex.schema.createTable('one', (t) => void t.text('a')), down: async () => {} },
      two: { up: (knex: Knex) => knex('one').insert({ a: 'x' }), down: async () => {} },
    };
    const source = {
      getMigrations: async () => Object.keys(migrations),
      getMigrationName: (name: string) => name,
      getMigration: async (name: string) => migrations[name as keyof typeof migrations] as Knex.Migration,
    };
    const run = (): Promise<unknown> => db.migrate.latest({ migrationSource: source, disableTransactions: true });
    expect(await run()).toEqual([1, ['one', 'two']]);
    expect(await run()).toEqual([1, []]);
    expect(await db('one')).toEqual([{ a: 'x' }]);
  });
});
