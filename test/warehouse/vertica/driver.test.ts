import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cures } from '../../../src/warehouse/vertica/cures.ts';
import type { DriverClient, DriverField } from '../../../src/warehouse/vertica/driver-shape.ts';
import { driverWith } from '../../../src/warehouse/vertica/driver.ts';
import { openSession } from '../../../src/warehouse/vertica/session.ts';
import { createMessageWriter } from '../../support/vertica-wire/framing.ts';
import { startVerticaWire, type VerticaWire } from '../../support/vertica-wire/server.ts';
import { fill } from '../vertica-client.ts';
import { soonMs } from '../../support/patience.ts';

const { createClient, runQuery } = driverWith(cures);
let wire: VerticaWire;
let client: DriverClient;

const login = {
  database: 'segtag',
  user: 'segtag',
  password: 'segtag',
  oauthAccessToken: undefined,
  label: 'test',
  connectTimeoutMs: 5000,
  tls: undefined,
};

beforeEach(async () => {
  wire = await startVerticaWire();
  client = createClient({ ...login, address: wire.host, port: wire.port });
  await client.connect();
});

afterEach(async () => {
  client.connection.stream.destroy();
  await wire.stop();
});

type Rows = { fields: readonly DriverField[]; rows: (string | null)[][] };

async function rowsOf(sql: string, values: readonly string[] = []): Promise<Rows> {
  const found: Rows = { fields: [], rows: [] };
  const sink = {
    columns: (fields: readonly DriverField[]) => (found.fields = fields),
    row: (row: readonly (string | null)[]) => void found.rows.push([...row]),
  };
  await runQuery(client, { sql, values }, sink, () => {});
  return found;
}

describe('after an error of a parameterised query', () => {
  it('the next query gets its own answer, because Sync was sent once', async () => {
    await fill(wire.instance, "CREATE TABLE t AS SELECT 'x' AS word");
    await expect(rowsOf('SELECT CAST(word AS INT) FROM t WHERE word = ?', ['x'])).rejects.toMatchObject({
      code: '22V02',
    });
    expect((await rowsOf('SELECT 1 AS one')).rows).toEqual([['1']]);
    expect((await rowsOf('SELECT CAST(? AS INT) AS two', ['2'])).rows).toEqual([['2']]);
    await expect(rowsOf('SELECT nothing FROM t WHERE word = ?', ['x'])).rejects.toMatchObject({ code: '42703' });
    expect((await rowsOf('SELECT 3 AS three')).rows).toEqual([['3']]);
  });
});

/** Loads both drivers in one process and says whether PostgreSQL's parsers still work. */
const loading = (order: string): string => `
      const load = { pg: () => import('pg'), vertica: () => import('./src/warehouse/vertica/session.ts') };
      for (const name of '${order}'.split(' ')) await load[name]();
      const { default: { types } } = await load.pg();
      console.log(JSON.stringify([16, 20, 17].map((oid) => types.getTypeParser(oid, 'text')('t'))));
      console.log(types.getTypeParser(16, 'text')('t') === true, types.getTypeParser(20, 'text')('7') === '7');`;

describe('loading the driver', () => {
  it('leaves the parsers of PostgreSQL as they were, whichever is loaded first', () => {
    for (const order of ['pg vertica', 'vertica pg']) {
      const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', loading(order)], {
        encoding: 'utf8',
      });
      expect(run.stdout.split('\n')[1], run.stderr).toBe('true true');
    }
  });
});

describe('values', () => {
  it('are the text that the server wrote, so integers beyond 2^53, numerics and dates keep every digit', async () => {
    const sql = `SELECT 9007199254740993 AS i, -9223372036854775807 AS j, CAST(0.10 AS NUMERIC(20,2)) AS n,
      CAST('2024-03-31' AS DATE) AS d, CAST('2024-03-31 02:30:00.5' AS TIMESTAMP) AS t, TRUE AS b, CAST(NULL AS VARCHAR) AS z, 'é€😀' AS s`;
    const { rows, fields } = await rowsOf(sql);
    expect(rows).toEqual([
      ['9007199254740993', '-9223372036854775807', '0.10', '2024-03-31', '2024-03-31 02:30:00.5', 't', null, 'é€😀'],
    ]);
    expect(fields.map(({ dataTypeID }) => dataTypeID)).toEqual([6, 6, 16, 10, 12, 5, 9, 9]);
  });

  it('given as parameters arrive as they were, whatever quotes and marks are in them', async () => {
    const values = ["O'Brien; DROP TABLE t --", '?', '\\', '$1', '日本', '2024-03-31'];
    const marks = values.map((_, i) => `CAST(? AS VARCHAR) AS v${i}`).join(', ');
    expect((await rowsOf(`SELECT ${marks}`, values)).rows).toEqual([values]);
  });
});

describe('prepared statements', () => {
  it('are named by their SQL, so that the server keeps one for a hundred equal queries', async () => {
    for (let i = 0; i < 100; i++) await rowsOf('SELECT CAST(? AS INT) AS i', [String(i)]);
    await rowsOf('SELECT CAST(? AS INT) AS j', ['1']);
    expect(wire.sessions().map(({ preparedStatements }) => preparedStatements)).toEqual([2]);
  });
});

describe('what would end the process', () => {
  it('is a rejection when a row cannot be taken, and the connection goes on', async () => {
    await fill(wire.instance, 'CREATE TABLE t AS SELECT i FROM range(10000) r(i)');
    const taken: unknown[] = [];
    const sink = {
      columns() {},
      row(row: readonly unknown[]): void {
        taken.push(row);
        if (taken.length === 3) throw new RangeError('no third row');
      },
    };
    let told = 0;
    await expect(runQuery(client, { sql: 'SELECT i FROM t', values: [] }, sink, () => told++)).rejects.toThrow(
      'no third row',
    );
    expect([taken.length, told]).toEqual([3, 1]);
    expect((await rowsOf('SELECT 1 AS one')).rows).toEqual([['1']]);
  });

  it('is a rejection when a column has a type that is not native', async () => {
    await expect(rowsOf('SELECT [1, 2] AS list')).rejects.toMatchObject({
      name: 'DriverFault',
      cause: { message: expect.stringContaining('Non native') },
    });
  });

  it('is a rejection when the server sends a message that nobody knows', async () => {
    await fill(wire.instance, 'CREATE TABLE t AS SELECT i FROM range(10000) r(i)');
    const waiting = expect(rowsOf('SELECT count(*) FROM t a, t b, t c, t d')).rejects.toMatchObject({
      name: 'DriverFault',
    });
    wire.sessions()[0]?.send(createMessageWriter().begin('~').int32(1).end().take());
    await waiting;
  });

  it('is a rejection when the server sends rows that nobody waits for', async () => {
    wire.sessions()[0]?.send(createMessageWriter().begin('D').int16(0).end().take());
    await new Promise((resolve) => client.connection.stream.once('close', resolve));
    await expect(rowsOf('SELECT 1')).rejects.toThrow('not queryable');
  });

  it('is a rejection when the server speaks another version of the protocol', async () => {
    const modern = await startVerticaWire({ protocolVersion: (4 << 16) | 0 });
    try {
      await expect(openSession({ ...login, hosts: [modern] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('Unsupported Protocol Version') },
      });
    } finally {
      await modern.stop();
    }
  });
});

describe('ending a session', () => {
  it('is not waited for when the server has gone', async () => {
    const session = await openSession({ ...login, hosts: [wire] });
    wire.dropConnections();
    const started = performance.now();
    await session.end();
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('is not waited for when the server no longer reads', async () => {
    const deaf = createServer((socket) => {
      socket.once('data', () => socket.write(welcome()));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const { port } = deaf.address() as { port: number };
    const session = await openSession({ ...login, hosts: [{ host: '127.0.0.1', port }] });
    const started = performance.now();
    await session.end();
    expect(performance.now() - started).toBeLessThan(soonMs);
    await new Promise((resolve) => deaf.close(resolve));
  });
});

/** What a server without passwords answers to the start-up message. */
function welcome(): Buffer {
  const out = createMessageWriter();
  return out.begin('R').int32(0).end().begin('K').int32(1).int32(2).end().begin('Z').int8(73).end().take();
}
