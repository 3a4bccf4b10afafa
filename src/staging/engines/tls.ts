import { readFileSync } from 'node:fs';
import type { MysqlConnection, PostgresConnection } from '../../job/connections-schema.ts';
import { SegtagError } from '../../errors.ts';

/** What Node's TLS needs from a connection's certificates; undefined where the connection is not encrypted. */
export function tlsOptions(config: PostgresConnection | MysqlConnection, where: string): TlsOptions | undefined {
  if (config.tls === 'disable') return undefined;
  const read = (path: string | undefined): string | undefined => path && readCertificate(path, where);
  const [ca, cert, key] = [read(config.ca), read(config.cert), read(config.key)];
  return {
    rejectUnauthorized: config.tls !== 'require',
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  };
}

type TlsOptions = {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
};

function readCertificate(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where,
      what: `The file ${path} cannot be read.`,
      remedy: 'Correct ca, cert or key of the connection, or make the file readable.',
      cause,
    });
  }
}
