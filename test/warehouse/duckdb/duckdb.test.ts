import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync, existsSync, mkdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import type { DuckdbConnection } from '../../../src/job/connections-schema.ts';
import { openWarehouse } from '../../../src/warehouse/open.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { failureOf, readSql, valuesOf } from '../reading.ts';

const folder = mkdtempSync(join(tmpdir(), 'segtag-duckdb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string): string => join(folder, name);

function connectionTo(settings: Partial<DuckdbConnection>) {
  const config: DuckdbConnection = { client: 'duckdb', file: ':memory:', views: {}, ...settings };
  return { name: 'warehouse', target: 'test', config };
}

function open(settings: Partial<DuckdbConnection>): Promise<Warehouse> {
  return openWarehouse(connectionTo(settings), { job: 'test', runId: 'run' });
}

async function valuesIn(settings: Partial<DuckdbConnection>, sql: string, column = 'x'): Promise<unknown[]> {
  const warehouse = await open(settings);
  try {
    return valuesOf(await readSql(warehouse, sql), column);
  } finally {
    await warehouse.close();
  }
}

function scripts(name: string, files: Readonly<Record<string, string>>): string {
  const path = inFolder(name);
  mkdirSync(path, { recursive: true });
  for (const [file, sql] of Object.entries(files)) writeFileSync(join(path, file), sql);
  return path;
}

const twoScripts = {
  '01_a.sql': 'CREATE TABLE a AS SELECT 7 AS x;',
  '02_b.sql': 'CREATE TABLE b AS SELECT x + 1 AS x FROM a; -- ?',
};

describe('a DuckDB file', () => {
  it('is built from SQL files in order of their names, once', async () => {
    const [file, build] = [inFolder('deep/built.duckdb'), scripts('build', twoScripts)];
    expect(await valuesIn({ file, build }, 'SELECT x FROM b')).toEqual([8]);
    scripts('build', { '01_a.sql': 'CREATE TABLE a AS SELECT 70 AS x' });
    expect(await valuesIn({ file, build }, 'SELECT x FROM b')).toEqual([8]);
    expect(readdirSync(inFolder('deep'))).toEqual(['built.duckdb']);
  });

  it('is left absent by a build that fails, which says where', async () => {
    const build = scripts('broken', {
      ...twoScripts,
      '03_c.sql': 'SELECT 1;\n\nCREATE TABLE c AS\n  SELECT nope FROM a;',
    });
    const error = await failureOf(open({ file: inFolder('broken.duckdb'), build }));
    expect(error.code).toBe('E_SQL_REJECTED');
    expect(error.where).toMatch(/broken\/03_c\.sql:4:10$/);
    expect(readdirSync(folder).filter((name) => name.startsWith('broken.'))).toEqual([]);
  });

  it('is built by several at a time without harm', async () => {
    const build = scripts('race', twoScripts);
    for (let round = 0; round < 5; round++) {
      const settings = { file: inFolder(`raced-${round}.duckdb`), build };
      const all = await Promise.all(Array.from({ length: 3 }, () => valuesIn(settings, 'SELECT x FROM b')));
      expect(all).toEqual([[8], [8], [8]]);
    }
  });

  it('is built where a killed build left its draft, which goes away once it is old', async () => {
    const [old, young] = [inFolder('left.duckdb.1-a.building'), inFolder('left.duckdb.2-b.building')];
    for (const draft of [old, young]) writeFileSync(draft, 'half a database');
    utimesSync(old, 1, 1);
    expect(
      await valuesIn({ file: inFolder('left.duckdb'), build: scripts('left', twoScripts) }, 'SELECT x FROM a'),
    ).toEqual([7]);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  it('is refused when it is absent and nothing says how to build it', async () => {
    const absent = await failureOf(open({ file: inFolder('absent.duckdb') }));
    expect([absent.code, absent.message]).toEqual(['E_CONNECTION_CONFIG', expect.stringContaining('absent.duckdb')]);
    expect(existsSync(inFolder('absent.duckdb'))).toBe(false);
    const empty = await failureOf(open({ file: inFolder('absent.duckdb'), build: inFolder('no-such-folder') }));
    expect(empty.code).toBe('E_CONNECTION_CONFIG');
  });

  it('is refused when it is no database', async () => {
    writeFileSync(inFolder('text.duckdb'), 'these are only words, and not a database');
    const error = await failureOf(open({ file: inFolder('text.duckdb') }));
    expect([error.code, error.message]).toEqual(['E_CONNECTION_CONFIG', expect.stringContaining('not a valid DuckDB')]);
  });

  it('can be read by several sessions at once, and written by none', async () => {
    const settings = { file: inFolder('shared.duckdb'), build: scripts('shared', twoScripts) };
    const [one, two] = [await open(settings), await open(settings)];
    expect(valuesOf(await readSql(one, 'SELECT x FROM a'), 'x')).toEqual(
      valuesOf(await readSql(two, 'SELECT x FROM a'), 'x'),
    );
    expect((await failureOf(readSql(one, 'DROP TABLE a'))).code).toBe('E_SQL_REJECTED');
    await Promise.all([one.close(), two.close()]);
  });

  it('says who holds it while another process writes to it', async () => {
    const file = inFolder('held.duckdb');
    (await DuckDBInstance.create(file)).closeSync();
    await whileWritten(file, async (holder) => {
      const error = await failureOf(open({ file }));
      expect(error.code).toBe('E_WAREHOUSE_UNREACHABLE');
      expect(error.message).toContain(`(PID ${holder})`);
    });
  });

  it('is opened with the memory and threads that the connection gives', async () => {
    const settings = { memory_limit: '64MB', threads: 1 };
    expect(await valuesIn(settings, "SELECT current_setting('threads') AS x")).toEqual([1]);
    const warehouse = await open(settings);
    const hungry = "SELECT string_agg(repeat('x', 1000), '' ORDER BY i DESC) AS x FROM range(1000000) AS r (i)";
    const error = await failureOf(readSql(warehouse, hungry));
    expect([error.code, error.remedy]).toEqual(['E_SQL_REJECTED', expect.stringContaining('memory_limit')]);
    await warehouse.close();
    expect((await failureOf(open({ memory_limit: 'lots' }))).code).toBe('E_CONNECTION_CONFIG');
  });
});

/** Runs `work` while a process, whose id it is given, has the database open for writing. */
async function whileWritten(file: string, work: (holder: number | undefined) => Promise<void>): Promise<void> {
  const script = `require('@duckdb/node-api').DuckDBInstance.create(${JSON.stringify(file)}).then(() => { console.log('held'); setInterval(() => {}, 1000); })`;
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(holder.stdout, 'data');
    await work(holder.pid);
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  }
}

/** A database file made by statements. */
async function made(name: string, ...statements: readonly string[]): Promise<string> {
  const instance = await DuckDBInstance.create(inFolder(name));
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
  return inFolder(name);
}

describe('attached databases', () => {
  it('are read beside the tables of the file and the views, by their names', async () => {
    const file = await made('main.duckdb', 'CREATE TABLE deals AS SELECT 1 AS account, 5 AS x');
    const attach = {
      crm: await made('crm.duckdb', 'CREATE TABLE accounts AS SELECT 1 AS id, 10 AS y'),
      'old "archive"': await made("it's old.duckdb", 'CREATE TABLE notes AS SELECT 1 AS id, 100 AS z'),
    };
    const sql = `SELECT x + y + z AS x FROM deals JOIN crm.accounts AS a ON a.id = account JOIN "old ""archive""".notes AS n ON n.id = account`;
    expect(await valuesIn({ file, attach }, sql)).toEqual([115]);
    expect(await valuesIn({ attach }, 'SELECT y AS x FROM crm.accounts')).toEqual([10]);
  });

  it('are not written, also where the main database is in memory', async () => {
    const attach = { crm: await made('kept.duckdb', 'CREATE TABLE accounts AS SELECT 1 AS id') };
    const warehouse = await open({ attach });
    expect((await failureOf(readSql(warehouse, 'DELETE FROM crm.accounts'))).code).toBe('E_SQL_REJECTED');
    await warehouse.close();
  });

  it('are named when they are absent, no database, or held by a process that writes', async () => {
    const absent = await failureOf(open({ attach: { crm: inFolder('nowhere.duckdb') } }));
    expect([absent.code, absent.message]).toEqual(['E_CONNECTION_CONFIG', expect.stringContaining('"crm"')]);
    writeFileSync(inFolder('prose.duckdb'), 'This is prose, and not a database. '.repeat(200));
    const prose = await failureOf(open({ attach: { crm: inFolder('prose.duckdb') } }));
    expect([prose.code, prose.message]).toEqual(['E_CONNECTION_CONFIG', expect.stringContaining('"crm"')]);
    const file = await made('written.duckdb', 'CREATE TABLE t AS SELECT 1 AS x');
    await whileWritten(file, async (holder) => {
      const held = await failureOf(open({ attach: { crm: file } }));
      expect([held.code, held.message]).toEqual([
        'E_WAREHOUSE_UNREACHABLE',
        expect.stringMatching(new RegExp(`"crm".*\\(PID ${holder}\\)`)),
      ]);
    });
    expect(await valuesIn({ attach: { crm: file } }, 'SELECT x FROM crm.t')).toEqual([1]);
  });
});

describe('views over files', () => {
  const csv = 'id,name,amount,bought\n1,"O""Brien, Co.",1.5,2024-01-02\n2,"two\nlines",-2,\n3,,"7",2024-03-31\n';

  it('reads CSV by RFC 4180, with types settled over the whole file', async () => {
    const late = Array.from({ length: 30_000 }, (_, i) => `${i},${i}`).join('\n');
    writeFileSync(inFolder('a.csv'), csv);
    writeFileSync(inFolder('late.csv'), `n,code\n${late}\n1.5,A7\n`);
    const views = { purchase: inFolder('a.csv'), 'late ones': inFolder('late.csv') };
    const warehouse = await open({ views });
    const frame = await readSql(warehouse, 'SELECT * FROM purchase ORDER BY id');
    expect([...frame.columns.keys()].map((name) => valuesOf(frame, name))).toEqual([
      [1, 2, 3],
      ['O"Brien, Co.', 'two\nlines', null],
      [1.5, -2, 7],
      ['2024-01-02', null, '2024-03-31'],
    ]);
    const tail = await readSql(warehouse, 'SELECT n, code FROM "late ones" ORDER BY n DESC LIMIT 1');
    expect([valuesOf(tail, 'n'), tail.columns.get('code')?.kind]).toEqual([[29_999], 'text']);
    await warehouse.close();
  });

  it('takes for a date what ISO 8601 says is one, and never guesses which number is the day', async () => {
    writeFileSync(inFolder('d.csv'), 'a,b,c,d\n04-09-2012,03/01/2024,2024-01-31,2024-01-31T23:00:00\n13-09-2012,,,\n');
    const frame = await readSql(await open({ views: { d: inFolder('d.csv') } }), 'SELECT * FROM d');
    const kinds = [...frame.columns.values()].map(({ kind }) => kind);
    expect(kinds).toEqual(['text', 'text', 'day', 'timestamp']);
    expect(valuesOf(frame, 'a')).toEqual(['04-09-2012', '13-09-2012']);
    writeFileSync(inFolder('t.csv'), 't\n04-09-2012 10:00:00\n13-09-2012 10:00:00\n');
    const times = await readSql(await open({ views: { t: inFolder('t.csv') } }), 'SELECT t FROM t');
    expect(valuesOf(times, 't')).toEqual(['04-09-2012 10:00:00', '13-09-2012 10:00:00']);
  });

  it('reads gzipped CSV, TSV, JSON, JSON lines and Parquet', async () => {
    writeFileSync(inFolder('b.csv.gz'), gzipSync('x\n1\n2\n'));
    writeFileSync(inFolder('b.tsv'), 'x\ty\n3\t4\n');
    writeFileSync(inFolder('b.json'), '[{"x": 5}]');
    writeFileSync(inFolder('b.jsonl.gz'), gzipSync('{"x": 6}\n'));
    const parquet = inFolder("o'b.parquet");
    const instance = await DuckDBInstance.create();
    await (await instance.connect()).run(`COPY (SELECT 7 AS x) TO '${parquet.replaceAll("'", "''")}' (FORMAT parquet)`);
    const views = {
      a: inFolder('b.csv.gz'),
      b: inFolder('b.tsv'),
      c: inFolder('b.json'),
      d: inFolder('b.jsonl.gz'),
      e: parquet,
    };
    const all = Object.keys(views).map((view) => `SELECT x FROM ${view}`);
    expect(await valuesIn({ views }, `${all.join(' UNION ALL ')} ORDER BY x`)).toEqual([1, 2, 3, 5, 6, 7]);
  });

  it('stand beside the tables of a database file', async () => {
    const settings = { file: inFolder('beside.duckdb'), build: scripts('beside', twoScripts) };
    writeFileSync(inFolder('a.csv'), csv);
    const views = { purchase: inFolder('a.csv') };
    expect(await valuesIn({ ...settings, views }, 'SELECT COUNT(*) + MAX(a.x) AS x FROM purchase, a')).toEqual([10]);
  });

  it('name the view and the path when the file is missing, of no known kind, or broken', async () => {
    const missing = await failureOf(open({ views: { purchase: inFolder('missing.csv') } }));
    expect(missing.code).toBe('E_CONNECTION_CONFIG');
    expect(missing.message).toContain(`"purchase" reads ${inFolder('missing.csv')}, which does not exist`);
    writeFileSync(inFolder('a.xlsx'), 'PK');
    const unknown = await failureOf(open({ views: { purchase: inFolder('a.xlsx') } }));
    expect(unknown.message).toContain('which is of no known kind');
    writeFileSync(inFolder('broken.json'), '{"x": "Jane Doe", ');
    const broken = await failureOf(open({ views: { purchase: inFolder('broken.json') } }));
    expect(broken.message).toContain('which cannot be read');
    expect(broken.message).not.toContain('Jane');
  });
});

describe('types of DuckDB alone', () => {
  const kinds: readonly [string, unknown][] = [
    ["'a'::ENUM('a', 'b')", 'a'],
    ['255::UTINYINT', 255],
    ["'-128'::TINYINT", -128],
    ['4294967295::UINTEGER', 4294967295],
    ['9007199254740991::UBIGINT', 9007199254740991],
    ['-9007199254740991::HUGEINT', -9007199254740991],
    ['-1::HUGEINT', -1],
    ['9007199254740991::UHUGEINT', 9007199254740991],
    ["'-0.000000001'::DECIMAL(38,9)", -1e-9],
    ["'0.00000000000000000000000000000000000001'::DECIMAL(38,38)", 1e-38],
    ['0.1::FLOAT', Math.fround(0.1)],
    ["'2024-03-10 02:30:00'::TIMESTAMP_S", '2024-03-10 02:30:00'],
    ["'2024-03-10 02:30:00.25'::TIMESTAMP_MS", '2024-03-10 02:30:00.25'],
    ["'1969-12-31 23:59:59.123456789'::TIMESTAMP_NS", '1969-12-31 23:59:59.123456'],
  ];

  it.each(kinds)('reads %s', async (expression, expected) => {
    expect(await valuesIn({}, `SELECT ${expression} AS x`)).toEqual([expected]);
  });

  it.each(['9007199254740993::UBIGINT', '-9223372036854775808::HUGEINT', '(2::UHUGEINT ** 100)::UHUGEINT'])(
    'refuses %s',
    async (expression) => {
      const warehouse = await open({});
      expect((await failureOf(readSql(warehouse, `SELECT ${expression} AS x`))).code).toBe('E_COLUMN_VALUE');
      await warehouse.close();
    },
  );

  it.each(["'infinity'::DATE", "'-infinity'::TIMESTAMP", "'10000-01-01'::DATE", "'12024-01-01 00:00:00'::TIMESTAMP"])(
    'refuses %s, which is on no calendar',
    async (expression) => {
      const warehouse = await open({});
      expect((await failureOf(readSql(warehouse, `SELECT ${expression} AS x`))).code).toBe('E_COLUMN_VALUE');
      await warehouse.close();
    },
  );
});
