import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverClient, QueryValue } from '../../../src/warehouse/vertica/driver-shape.ts';
import type { driverWith } from '../../../src/warehouse/vertica/driver.ts';
import type { VerticaWire } from '../../support/vertica-wire/server.ts';
import { fill } from '../vertica-client.ts';

type Setting = {
  readonly driver: ReturnType<typeof driverWith>;
  readonly wire: VerticaWire;
  readonly client: DriverClient;
  /** A file that only this host should know. */
  readonly secretFile: string;
};

/** One per cure, in the same order: what must hold with the cure, and does not without it. */
export const cureScenarios: readonly ((setting: Setting) => Promise<void>)[] = [
  async function nextQueryGetsItsOwnAnswer(setting) {
    await fill(setting.wire.instance, "CREATE TABLE t AS SELECT 'x' AS word");
    await assert.rejects(rowsOf(setting, 'SELECT CAST(word AS INT) FROM t WHERE word = ?', ['x']));
    assert.deepEqual(await rowsOf(setting, 'SELECT 1 AS one'), [['1']]);
    assert.deepEqual(await rowsOf(setting, 'SELECT CAST(? AS INT) AS two', ['2']), [['2']]);
  },
  async function postgresKeepsItsParsers() {
    const { types } = createRequire(import.meta.url)('pg') as typeof import('pg');
    assert.equal(types.getTypeParser(16, 'text')('t'), true);
    assert.equal(types.getTypeParser(20, 'text')('7'), '7');
  },
  async function valuesStayAsTheyAre(setting) {
    const sql = "SELECT 9007199254740993 AS i, CAST('0.10' AS NUMERIC(9,2)) AS n";
    assert.deepEqual(await rowsOf(setting, sql), [['9007199254740993', '0.10']]);
  },
  async function equalQueriesShareOneStatement(setting) {
    for (let i = 0; i < 20; i++) await rowsOf(setting, 'SELECT CAST(? AS INT) AS i', [String(i)]);
    assert.deepEqual(
      setting.wire.sessions().map(({ preparedStatements }) => preparedStatements),
      [1],
    );
  },
  async function rowsThatCannotBeTakenReject(setting) {
    const { driver, client } = setting;
    const statement = { sql: 'SELECT 1 AS one', values: [] };
    await assert.rejects(
      driver.runQuery(client, statement, { columns() {}, row: refuseRow }, () => {}),
      /no such row/,
    );
    assert.deepEqual(await rowsOf(setting, 'SELECT 1 AS one'), [['1']]);
    await assert.rejects(rowsOf(setting, 'SELECT [1, 2] AS list'), /could not read a message/);
  },
  async function filesStayHere(setting) {
    const { wire, secretFile } = setting;
    writeFileSync(secretFile, 'only for this host');
    await assert.rejects(rowsOf(setting, `COPY t FROM LOCAL '${secretFile}'`)).finally(() => rmSync(secretFile));
    assert.equal(wire.sessions()[0]?.copied ?? '', '');
    const another = { ...setting, client: await connectedWithFailingStream(setting) };
    await Promise.race([
      assert.rejects(rowsOf(another, 'COPY t FROM LOCAL STDIN')),
      sleep(2000).then(() => assert.fail('the COPY hangs')),
    ]);
  },
  async function endingSettles({ wire, client }) {
    const closed = new Promise((resolve) => client.connection.stream.once('close', resolve));
    wire.dropConnections();
    await closed;
    await Promise.race([client.end(), sleep(2500).then(() => assert.fail('end() has not settled'))]);
  },
  async function timesAreSentInUtc(setting) {
    const noon = new Date(Date.UTC(2024, 0, 15, 12));
    assert.deepEqual(await rowsOf(setting, 'SELECT CAST(? AS VARCHAR) AS t', [noon]), [['2024-01-15 12:00:00.000+00']]);
  },
];

async function rowsOf(
  { driver, client }: Setting,
  sql: string,
  values: readonly QueryValue[] = [],
): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  await driver.runQuery(client, { sql, values }, { columns() {}, row: (row) => void rows.push([...row]) }, () => {});
  return rows;
}

/** A second session, whose queries bring the driver a stream for COPY that fails at once. */
async function connectedWithFailingStream({ driver, wire }: Setting): Promise<DriverClient> {
  const client = driver.createClient(loginTo(wire));
  const query = client.query.bind(client);
  client.query = (each) => query(Object.assign(each, { copyStream: new Readable({ read: failAtOnce }) }));
  await client.connect();
  return client;
}

function refuseRow(): never {
  throw new RangeError('no such row');
}

function failAtOnce(this: Readable): void {
  this.destroy(new Error('the disk is gone'));
}

export function loginTo(wire: VerticaWire): Parameters<ReturnType<typeof driverWith>['createClient']>[0] {
  return {
    address: wire.host,
    port: wire.port,
    database: wire.database,
    user: 'segtag',
    password: 'segtag',
    oauthAccessToken: undefined,
    label: 'cures',
    connectTimeoutMs: 5000,
    tls: undefined,
  };
}
