import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** False where certificates can't be made; tests of TLS then skip. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Writes `name.pem` and `name.key` of a new certificate authority into the folder. */
export function makeAuthority(folder: string, name: string): void {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
  openssl(['req', '-x509', ...newKey, ...files, '-days', '2', '-subj', `/CN=${name}`]);
}

/**
 * Writes `name.pem` and `name.key`, signed by the authority `ca` of the folder, for names such as `DNS:localhost`;
 * valid for so many days, where -1 is one that has expired.
 */
export function makeCertificate(folder: string, name: string, names: string, days = 2): void {
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
  openssl(['req', ...newKey, '-keyout', file('key'), '-out', file('csr'), ...subject]);
  const authority = ['-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca.key'), '-CAcreateserial'];
  openssl([
    'x509',
    '-req',
    '-in',
    file('csr'),
    '-out',
    file('pem'),
    ...authority,
    '-days',
    String(days),
    '-copy_extensions',
    'copy',
  ]);
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}
