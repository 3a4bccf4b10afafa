import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cures } from '../../../src/warehouse/vertica/cures.ts';
import type { DriverClient } from '../../../src/warehouse/vertica/driver-shape.ts';
import { driverWith } from '../../../src/warehouse/vertica/driver.ts';
import { splitScript, translate } from '../../support/vertica-wire/dialect.ts';
import { createFrameReader, createMessageWriter, readBody } from '../../support/vertica-wire/framing.ts';
import { spellFloat } from '../../support/vertica-wire/types.ts';
import { startVerticaWire, type VerticaWire } from '../../support/vertica-wire/server.ts';
import { fill } from '../vertica-client.ts';

const { createClient, runQuery } = driverWith(cures);

const messageOf = fc.record({
  code: fc.constantFrom(...'DTZERSK'),
  values: fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 2000 })), { maxLength: 20 }),
});

describe('framing', () => {
  it('gives back the messages that were written, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(messageOf), fc.integer({ min: 1, max: 700 }), (messages, cut) => {
        const writer = createMessageWriter();
        for (const { code, values } of messages) {
          writer.begin(code).int16(values.length);
          for (const value of values) writer.value(value);
          writer.end();
        }
        const bytes = writer.take();
        const reader = createFrameReader();
        const found: typeof messages = [];
        for (let start = 0; start < bytes.length; start += cut) {
          reader.push(bytes.subarray(start, start + cut));
          for (let message = reader.takeTyped(); message; message = reader.takeTyped()) {
            const body = readBody(message.body);
            const values = Array.from({ length: body.int16() }, () => {
              const length = body.int32();
              return length < 0 ? null : body.bytes(length).toString('utf8');
            });
            expect(body.left).toBe(0);
            found.push({ code: message.code, values });
          }
        }
        expect(found).toEqual(messages);
      }),
    );
  });

  it('refuses a length that no message has', () => {
    const reader = createFrameReader();
    reader.push(Buffer.from([0x51, 0, 0, 0, 3]));
    expect(() => reader.takeTyped()).toThrow(RangeError);
  });
});

describe('the dialect', () => {
  it.each([
    ['SELECT a FROM t WHERE a = $1', '42601'],
    ['SELECT a FROM t WHERE a = :name', '42601'],
    ['DELETE FROM t RETURNING a', '42601'],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', '42601'],
    ['SELECT DISTINCT ON (a) a FROM t', '42601'],
    ['SELECT count(*) FILTER (WHERE a > 1) FROM t', '42601'],
    ['SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1', '42601'],
    ['SELECT a::jsonb FROM t', '42704'],
    ['SELECT CAST(a AS json) FROM t', '42704'],
    ['CREATE TABLE t (a serial, b int)', '42704'],
    ['SELECT a FROM t FOR UPDATE', '25006'],
    ['SELECT i FROM range(3) r(i)', '42883'],
    ["SELECT string_agg(a, ',') FROM t", '42883'],
    ['FROM t', '42601'],
    ['PRAGMA version', '42601'],
  ])('refuses %s as Vertica does', (sql, sqlState) => {
    expect(() => translate(sql)).toThrow(expect.objectContaining({ sqlState }));
  });

  it('leaves literals, quoted names and comments alone', () => {
    const sql = `SELECT /*+ LABEL(segtag) */ 'for update ? $1' AS "returning" -- :name\nFROM t WHERE a = ?`;
    const { sql: translated, placeholders } = translate(sql);
    expect(translated).toBe(sql);
    expect(placeholders).toEqual([sql.length - 1]);
  });

  it('gives types the width that they have in Vertica', () => {
    expect(translate('SELECT a::int, CAST(b AS float), c AS int FROM t').sql).toBe(
      'SELECT a::int, CAST(b AS double), c AS int FROM t',
    );
    expect(translate('CREATE TABLE t (a INTEGER, b NUMERIC, c LONG VARCHAR)').sql).toBe(
      'CREATE TABLE t (a bigint, b numeric(37,15), c  VARCHAR)',
    );
  });

  it('splits a script at semicolons that are not in a literal or comment', () => {
    expect(splitScript("SELECT ';' ; -- ; \n SELECT 2;")).toEqual(["SELECT ';' ", ' -- ; \n SELECT 2']);
  });

  it.each([
    [0.1, '0.1'],
    [1 / 3, '0.333333333333333'],
    [Math.atan(12.345), '1.48996835348642'],
    [1e15, '1e+15'],
    [-0, '-0'],
    [1.23456e-18, '1.23456e-18'],
    [0.00001, '1e-05'],
    [-Infinity, '-Infinity'],
    [Number.NaN, 'NaN'],
  ])('spells the float %d as %s', (value, text) => {
    expect(spellFloat(value)).toBe(text);
  });
});

describe('a session', () => {
  let wire: VerticaWire;
  let client: DriverClient;

  beforeEach(async () => {
    wire = await startVerticaWire();
    client = await connected();
    await fill(wire.instance, 'CREATE TABLE t (a BIGINT)');
  });
  afterEach(() => wire.stop());

  async function connected(): Promise<DriverClient> {
    const to = { address: wire.host, port: wire.port, database: wire.database };
    const made = createClient({
      ...to,
      user: 'segtag',
      password: 'segtag',
      oauthAccessToken: undefined,
      label: '',
      connectTimeoutMs: 5000,
      tls: undefined,
    });
    await made.connect();
    return made;
  }

  async function values(sql: string, by = client): Promise<(string | null)[][]> {
    const rows: (string | null)[][] = [];
    await runQuery(by, { sql, values: [] }, { columns() {}, row: (row) => void rows.push([...row]) }, () => {});
    return rows;
  }

  it('begins without autocommit: what is not committed is gone when it ends', async () => {
    expect(await values('INSERT INTO t VALUES (1)')).toEqual([['1']]);
    client.connection.stream.destroy();
    expect(await values('SELECT count(*) FROM t', await connected())).toEqual([['0']]);
  });

  it('keeps what is committed, by COMMIT or by DDL', async () => {
    await values('INSERT INTO t VALUES (1)');
    await values('COMMIT');
    await values('INSERT INTO t VALUES (2)');
    await values('CREATE TABLE u (b INT)');
    await values('ROLLBACK');
    expect(await values('SELECT a FROM t ORDER BY a', await connected())).toEqual([['1'], ['2']]);
  });

  it('sees what others commit between two statements, unless it is SERIALIZABLE', async () => {
    const other = await connected();
    await values('SET SESSION AUTOCOMMIT TO ON', other);
    expect(await values('SELECT count(*) FROM t')).toEqual([['0']]);
    await values('INSERT INTO t VALUES (1)', other);
    expect(await values('SELECT count(*) FROM t')).toEqual([['1']]);
    await values('COMMIT');
    await values('SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY');
    expect(await values('SELECT count(*) FROM t')).toEqual([['1']]);
    await values('INSERT INTO t VALUES (2)', other);
    expect(await values('SELECT count(*) FROM t')).toEqual([['1']]);
    await expect(values('DELETE FROM t')).rejects.toMatchObject({ code: '25006' });
  });

  it('knows the functions of Vertica that DuckDB lacks', async () => {
    expect(
      await values(`SELECT nvl(NULL, 1), zeroifnull(NULL), nullifzero(0), add_months(CAST('2024-01-31' AS DATE), 1),
        datediff(day, CAST('2024-01-01' AS DATE), CAST('2024-03-01' AS DATE)), datediff('month', '2024-01-31', '2024-02-01'),
        timestampdiff('hour', '2024-01-01 00:30:00', '2024-01-01 02:00:00'), getdate() IS NOT NULL, sysdate > '2020-01-01'`),
    ).toEqual([['1', '0', null, '2024-02-29', '60', '1', '2', 't', 't']]);
    expect(await values('SELECT approximate_count_distinct(a) FROM t')).toEqual([['0']]);
  });
});
