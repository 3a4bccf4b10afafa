import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type ConnectionOptions } from 'node:tls';
import { SegtagError } from '../../errors.ts';
import type { VerticaConnection } from '../../job/connections-schema.ts';

/**
 * TLS as the connection asks for it, by the name of the host, or undefined where it is off. The driver would leave out the
 * client's certificate, and a broken PEM file would end the process inside it: both are settled here.
 * Throws E_CONNECTION_CONFIG for a file that is absent or isn't PEM.
 */
export function tlsOptions(
  config: VerticaConnection,
  where: string,
): ((host: string) => ConnectionOptions) | undefined {
  if (config.tls === 'disable') return undefined;
  const pem = (key: 'ca' | 'cert' | 'key'): Record<string, Buffer> => {
    const path = config[key];
    return path === undefined ? {} : { [key]: readPem(path, key, where) };
  };
  const files = { ...pem('ca'), ...pem('cert'), ...pem('key') };
  try {
    createSecureContext(files);
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where,
      what: 'The certificate files of this connection cannot be used for TLS.',
      remedy: 'Check that ca, cert and key are PEM files and that the key belongs to the certificate.',
      cause,
    });
  }
  return (host) => ({
    ...files,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: config.tls !== 'require',
    ...(config.tls === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  });
}

function readPem(path: string, key: string, where: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where,
      what: `The file of ${key} cannot be read: ${path}.`,
      remedy: 'Correct the path, which is relative to the project folder, or the rights of the file.',
      cause,
    });
  }
}
