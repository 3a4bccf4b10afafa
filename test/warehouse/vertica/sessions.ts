import { afterEach } from 'vitest';
import type { VerticaConnection } from '../../../src/job/connections-schema.ts';
import { openVertica } from '../../../src/warehouse/vertica/open.ts';
import type { Warehouse } from '../../../src/warehouse/warehouse.ts';
import { startVerticaWire, type VerticaWire } from '../../support/vertica-wire/server.ts';
import { connectionTo, tag } from '../vertica-client.ts';

/** Undone after each test, the last one first. */
export const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

/** A stand-in that stops after the test. */
export async function started(options: Parameters<typeof startVerticaWire>[0] = {}): Promise<VerticaWire> {
  const wire = await startVerticaWire(options);
  cleanups.push(wire.stop);
  return wire;
}

/** A session on a stand-in that is closed after the test. */
export async function opened(wire: VerticaWire, changes: Partial<VerticaConnection> = {}): Promise<Warehouse> {
  const warehouse = await openVertica(connectionTo(wire, changes), tag);
  cleanups.push(warehouse.close);
  return warehouse;
}
