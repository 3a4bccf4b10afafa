import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SegtagError } from '../errors.ts';

/** How a server is asked for TLS before the login. */
export type TlsProtocol = 'postgres' | 'mysql';

/** Asks the server for TLS in its own protocol. True when the handshake may begin. */
export async function requestTls(socket: Socket, protocol: TlsProtocol): Promise<boolean> {
  return protocol === 'mysql' ? askMysql(socket) : askPostgres(socket);
}

/** SSLRequest, which Vertica has too. The answer is one letter. */
async function askPostgres(socket: Socket): Promise<boolean> {
  socket.write(Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]));
  return (await firstBytes(socket, 1)).toString('latin1') === 'S';
}

const protocol41 = 0x200;
const ssl = 0x800;
const secureConnection = 0x8000;
const headerLength = 4;

/** The server speaks first: its greeting says what it can, and an SSLRequest is half of the login. */
async function askMysql(socket: Socket): Promise<boolean> {
  const header = await firstBytes(socket, headerLength);
  const greeting = await firstBytes(socket, header.readUIntLE(0, 3));
  if (greeting[0] === 0xff)
    throw new SegtagError('E_LOGIN_REFUSED', {
      what: `The server turns this machine away: ${greeting.subarray(3).toString('utf8')}.`,
      remedy: 'Let the administrator allow logins from this machine.',
    });
  const afterVersion = greeting.indexOf(0, 1) + 1;
  if ((greeting.readUInt16LE(afterVersion + 13) & ssl) === 0) return false;
  const request = Buffer.alloc(headerLength + 32);
  request.writeUIntLE(32, 0, 3);
  request.writeUInt8(1, 3);
  request.writeUInt32LE(protocol41 | ssl | secureConnection, headerLength);
  request.writeUInt32LE(0xff_ff_ff, headerLength + 4);
  request.writeUInt8(45, headerLength + 8);
  socket.write(request);
  return true;
}

async function firstBytes(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes !== null) return bytes;
    if (socket.destroyed || socket.readableEnded) throw closed();
    await Promise.race([once(socket, 'readable'), once(socket, 'end').then(() => Promise.reject(closed()))]);
  }
}

function closed(): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    what: 'The server closed the connection before anything was said.',
    remedy: 'See whether `port` is that of the database.',
  });
}
