import { afterEach, describe, expect, it, type TestAPI } from 'vitest';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { Warehouse } from '../../src/warehouse/warehouse.ts';
import { itWithMysql, itWithPostgres, mysqlUrl, postgresUrl } from '../support/engines.ts';
import { fallingSilent, type SilentProxy } from '../support/faulty-proxy.ts';
import { startVerticaWire } from '../support/vertica-wire/server.ts';
import { mysqlConnection, postgresConnection, testEngines } from './engines.ts';
import { speakingMysql } from './mysql/spelling.ts';
import { failureOf, readSql, valuesOf } from './reading.ts';
import { connectionTo } from './vertica-client.ts';
import { soonMs } from '../support/patience.ts';

type Address = { readonly host: string; readonly port: number };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

const tag = { job: 'broken-connections', runId: 'test-run' };
const addressOf = (url: URL, port: number): Address => ({ host: url.hostname, port: Number(url.port || port) });

/** Engines that are reached over a network: their address, and a session by way of another one. */
const servers: readonly {
  readonly name: string;
  readonly it: TestAPI;
  address(): Promise<Address>;
  open(at: Address): Promise<Warehouse>;
}[] = [
  {
    name: 'PostgreSQL',
    it: itWithPostgres,
    address: async () => addressOf(postgresUrl(), 5432),
    open: (at) => openWarehouse(postgresConnection({ ...at, connect_timeout_seconds: 4 }), tag),
  },
  {
    name: 'MariaDB',
    it: itWithMysql,
    address: async () => addressOf(mysqlUrl(), 3306),
    open: async (at) => speakingMysql(await openWarehouse(mysqlConnection({ ...at, connect_timeout_seconds: 4 }), tag)),
  },
  {
    name: 'Vertica',
    it,
    async address() {
      const wire = await startVerticaWire();
      cleanups.push(wire.stop);
      return wire;
    },
    open: (at) => openWarehouse(connectionTo({ ...at, database: 'segtag' }, { connect_timeout_seconds: 4 }), tag),
  },
];

/** Whether a limit or a dead connection is noticed first is up to the engine; both mean: try again later. */
const overInTime = ['E_WAREHOUSE_TIMEOUT', 'E_WAREHOUSE_LOST'];

describe.each(servers)('a connection to $name', ({ name, it, address, open }) => {
  const series = testEngines.find((engine) => engine.name === name)?.series ?? String;
  const endless = `SELECT i, MOD(i, 7) AS few FROM ${series(1_000_000_000)}`;

  async function throughProxy(): Promise<{ proxy: SilentProxy; warehouse: Warehouse }> {
    const { host, port } = await address();
    const proxy = await fallingSilent({ host, port });
    cleanups.push(proxy.close);
    const warehouse = await open({ host: '127.0.0.1', port: proxy.port });
    cleanups.push(warehouse.close);
    return { proxy, warehouse };
  }

  it('that falls silent in the middle of the rows ends with the time limit, not in a wait for ever', async () => {
    const { proxy, warehouse } = await throughProxy();
    const started = performance.now();
    const reading = readSql(warehouse, endless, { timeoutMs: 800, onProgress: proxy.fallSilent });
    expect(overInTime).toContain((await failureOf(reading)).code);
    await warehouse.close();
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('that falls silent between two reads ends the second one, no later than its time limit says', async () => {
    const { proxy, warehouse } = await throughProxy();
    expect(valuesOf(await readSql(warehouse, 'SELECT 1 AS one'), 'one')).toEqual([1]);
    proxy.fallSilent();
    const started = performance.now();
    const reading = readSql(warehouse, 'SELECT 2 AS two', { timeoutMs: 500 });
    expect(overInTime).toContain((await failureOf(reading)).code);
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('that is silent can be left by an abort', async () => {
    const { proxy, warehouse } = await throughProxy();
    proxy.fallSilent();
    const started = performance.now();
    const reading = readSql(warehouse, 'SELECT 1 AS one', { signal: AbortSignal.timeout(300) });
    await expect(reading).rejects.toThrow('aborted');
    expect(performance.now() - started).toBeLessThan(soonMs);
  });

  it('that is cut in the middle of the rows is lost, never a short result', async () => {
    const { proxy, warehouse } = await throughProxy();
    const reading = readSql(warehouse, endless, { onProgress: () => void proxy.close() });
    expect((await failureOf(reading)).code).toBe('E_WAREHOUSE_LOST');
  });
});
