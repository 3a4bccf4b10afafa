import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerticaConnection } from '../../../src/job/connections-schema.ts';
import { openVertica } from '../../../src/warehouse/vertica/open.ts';
import { hasOpenssl, makeAuthority, makeCertificate } from '../../support/certificates.ts';
import { startVerticaWire, type VerticaWire } from '../../support/vertica-wire/server.ts';
import { failureOf, valuesOf } from '../reading.ts';
import { connectionTo, statement, tag, within } from '../vertica-client.ts';

if (!hasOpenssl) console.warn('SKIPPED: TLS tests of Vertica. Install openssl.');

describe.skipIf(!hasOpenssl)('an encrypted connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segtag-tls-'));
  const file = (name: string): string => join(folder, name);
  let wire: VerticaWire;
  let strict: VerticaWire;

  beforeAll(async () => {
    makeAuthority(folder, 'ca');
    makeAuthority(folder, 'stranger');
    makeCertificate(folder, 'server', 'DNS:localhost');
    makeCertificate(folder, 'client', 'DNS:client');
    writeFileSync(file('broken.pem'), 'not a certificate');
    const tls = {
      ca: readFileSync(file('ca.pem')),
      cert: readFileSync(file('server.pem')),
      key: readFileSync(file('server.key')),
    };
    wire = await startVerticaWire({ tls });
    strict = await startVerticaWire({ tls: { ...tls, requestCert: true } });
  });
  afterAll(async () => {
    await wire.stop();
    await strict.stop();
    rmSync(folder, { recursive: true });
  });

  it('is made with require, whatever the certificate', async () => {
    expect(await answer(wire, { tls: 'require' })).toEqual([1]);
  });

  it('is made with verify-ca by any name, when the authority is known', async () => {
    expect(await answer(wire, { tls: 'verify-ca', ca: file('ca.pem') })).toEqual([1]);
    const error = await failureOf(answer(wire, { tls: 'verify-ca', ca: file('stranger.pem') }));
    expect(error.code).toBe('E_CONNECTION_CONFIG');
  });

  it('is made with verify-full only when the name is that of the certificate', async () => {
    expect(await answer(wire, { host: 'localhost', tls: 'verify-full', ca: file('ca.pem') })).toEqual([1]);
    const error = await failureOf(answer(wire, { host: '127.0.0.1', tls: 'verify-full', ca: file('ca.pem') }));
    expect(error.code).toBe('E_CONNECTION_CONFIG');
  });

  it('shows the certificate of the client to a server that asks', async () => {
    const certificate = { cert: file('client.pem'), key: file('client.key') };
    expect(await answer(strict, { tls: 'verify-ca', ca: file('ca.pem'), ...certificate })).toEqual([1]);
    await failureOf(answer(strict, { tls: 'verify-ca', ca: file('ca.pem') }));
  });

  it('is refused where the server has none, never made in the clear', async () => {
    const plain = await startVerticaWire();
    const error = await failureOf(answer(plain, { tls: 'require' }));
    expect(error.code).toBe('E_CONNECTION_CONFIG');
    expect(plain.sessions()).toEqual([]);
    await plain.stop();
  });

  it('names a file that is absent or broken before anything is sent', async () => {
    for (const ca of [file('absent.pem'), file('broken.pem')]) {
      const error = await failureOf(answer(wire, { tls: 'verify-full', ca }));
      expect(error.code).toBe('E_CONNECTION_CONFIG');
    }
  });
});

async function answer(server: VerticaWire, changes: Partial<VerticaConnection>): Promise<unknown> {
  const warehouse = await openVertica(connectionTo(server, changes), tag);
  const frame = await warehouse.read(statement('SELECT CAST(? AS INT) AS one', [1]), within);
  await warehouse.close();
  return valuesOf(frame, 'one');
}
