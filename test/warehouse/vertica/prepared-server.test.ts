import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openVertica } from '../../../src/warehouse/vertica/open.ts';
import type { VerticaWire } from '../../support/vertica-wire/server.ts';
import { failureOf, valuesOf } from '../reading.ts';
import { connectionTo, fill, statement, tag, within } from '../vertica-client.ts';
import { cleanups, opened, started } from './sessions.ts';
import { soonMs } from '../../support/patience.ts';

const numbers = 'CREATE TABLE numbers AS SELECT i FROM range(200000) r(i)';
const endless = statement('SELECT a.i AS x, b.i AS y FROM numbers a CROSS JOIN numbers b');
const heavy = statement('SELECT count(*) AS n FROM numbers a, numbers b, numbers c WHERE mod(a.i * b.i, 7) = 3');

describe('the session', () => {
  it('sees one snapshot in all its reads', async () => {
    const wire = await started();
    await fill(wire.instance, 'CREATE TABLE t AS SELECT 1 AS a');
    const warehouse = await opened(wire);
    const count = async (): Promise<unknown> =>
      valuesOf(await warehouse.read(statement('SELECT count(*) AS n FROM t'), within), 'n');
    expect(await count()).toEqual([1]);
    await fill(wire.instance, 'INSERT INTO t VALUES (2)');
    expect(await count()).toEqual([1]);
  });

  it('finds tables in the schemas of its search path, in their order', async () => {
    const wire = await started();
    const schemas = ['sales', 'Old "sales"'].map((schema) => `"${schema.replaceAll('"', '""')}"`);
    for (const [i, schema] of schemas.entries())
      await fill(wire.instance, `CREATE SCHEMA ${schema}`, `CREATE TABLE ${schema}.t AS SELECT ${i} AS a`);
    for (const [i, path] of [['sales'], ['Old "sales"', 'sales']].entries()) {
      const warehouse = await opened(wire, { search_path: path });
      expect(valuesOf(await warehouse.read(statement('SELECT a FROM t'), within), 'a')).toEqual([i]);
    }
  });

  it('cannot write', async () => {
    const wire = await started();
    await fill(wire.instance, 'CREATE TABLE t AS SELECT 1 AS a');
    const error = await failureOf((await opened(wire)).read(statement('DELETE FROM t'), within));
    expect(error.message).toContain('25006');
  });

  it('names a relation without a grant', async () => {
    const wire = await started({ deniedRelations: ['salaries'] });
    await fill(wire.instance, 'CREATE TABLE salaries AS SELECT 1 AS a');
    const error = await failureOf((await opened(wire)).read(statement('SELECT a\nFROM salaries'), within));
    expect(error.code).toBe('E_GRANT_MISSING');
    expect(error.message).toContain('salaries');
  });

  it('is told apart from others when the server cancels it', async () => {
    const wire = await started();
    await fill(wire.instance, numbers);
    const warehouse = await opened(wire);
    const controller = new AbortController();
    const begun = performance.now();
    setTimeout(() => controller.abort(new Error('stop')), 200);
    await expect(warehouse.read(heavy, { ...within, signal: controller.signal })).rejects.toThrow('stop');
    expect(performance.now() - begun).toBeLessThan(soonMs);
    expect(wire.sessions()).toHaveLength(1);
    expect(valuesOf(await warehouse.read(statement('SELECT 2 AS two'), within), 'two')).toEqual([2]);
  });

  it('refuses a type of the server’s own with the way out, instead of ending the process', async () => {
    const error = await failureOf((await opened(await started())).read(statement('SELECT [1, 2] AS path'), within));
    expect(error.code).toBe('E_COLUMN_VALUE');
  });
});

describe('a server that dies', () => {
  it('in the middle of the rows is a lost connection, never a short result', async () => {
    const wire = await started();
    await fill(wire.instance, numbers);
    const warehouse = await opened(wire);
    let rows = 0;
    const onProgress = (read: number): void => {
      rows = read;
      wire.dropConnections();
    };
    const error = await failureOf(warehouse.read(endless, { ...within, onProgress }));
    expect(error.code).toBe('E_WAREHOUSE_LOST');
    expect(rows).toBeGreaterThan(0);
    expect((await failureOf(warehouse.read(statement('SELECT 1 AS one'), within))).code).toBe('E_WAREHOUSE_LOST');
    await warehouse.close();
  });

  it('between two reads is a lost connection', async () => {
    const wire = await started();
    const warehouse = await opened(wire);
    wire.dropConnections();
    expect((await failureOf(warehouse.read(statement('SELECT 1 AS one'), within))).code).toBe('E_WAREHOUSE_LOST');
  });

  it('and takes no cancel request loses its connection some seconds later', async () => {
    const wire = await started();
    await fill(wire.instance, numbers);
    const deaf = await deafToCancels(wire);
    const warehouse = await openVertica(connectionTo({ ...wire, port: deaf }), tag);
    const error = await failureOf(warehouse.read(heavy, { timeoutMs: 200 }));
    expect(error.code).toBe('E_WAREHOUSE_TIMEOUT');
    await warehouse.close();
  });
});

/** Passes everything on but cancel requests and the server's own limit. */
async function deafToCancels(wire: VerticaWire): Promise<number> {
  const { connect } = await import('node:net');
  const proxy = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (first) => {
      if (first.length === 16) return;
      const server = connect(wire.port, wire.host).on('error', () => {});
      server.write(first);
      client.on('data', (chunk) =>
        server.write(Buffer.from(chunk.toString('latin1').replace(/RUNTIMECAP '\d/, "RUNTIMECAP '9"), 'latin1')),
      );
      server.pipe(client);
      client.on('close', () => server.destroy());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => (proxy.close(resolve), proxy.unref(), setTimeout(resolve, 10))));
  return (proxy.address() as { port: number }).port;
}
