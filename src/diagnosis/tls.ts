import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { SegtagError } from '../errors.ts';
import { openSocket, type Server } from './network.ts';
import { requestTls, type TlsProtocol } from './request-tls.ts';
import type { Finding } from './steps.ts';

export type TlsServer = Server & {
  readonly protocol: TlsProtocol;
  readonly tls: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
};

const renewDays = 30;
const dayMs = 86_400_000;

/** What a server's certificate is worth to the connection's TLS mode, with its dates. */
export async function inspectTls(server: TlsServer, nowMs: number): Promise<Finding> {
  if (server.tls === 'disable') return unencrypted(server);
  const files = { ca: read('ca', server.ca), cert: read('cert', server.cert), key: read('key', server.key) };
  const socket = await openSocket(server);
  try {
    const secure = await within(server, negotiate(socket, server, files));
    return judge(server, secure, nowMs);
  } catch (error) {
    if (error instanceof SegtagError || !(error instanceof Error)) throw error;
    throw new SegtagError(server.unreachable, {
      what: `The connection broke while TLS was asked for: ${error.message}.`,
      remedy: 'See whether `port` is that of the database.',
      cause: error,
    });
  } finally {
    socket.destroy();
  }
}

function unencrypted({ host }: TlsServer): Finding {
  if (/^(localhost|127\.|::1$)/.test(host)) return 'off, to this machine';
  return {
    detail: 'off: passwords and customers travel in the clear',
    next: 'Set tls: verify-full and `ca`, when the server offers TLS.',
  };
}

type Files = { readonly [Name in 'ca' | 'cert' | 'key']: string | undefined };

async function negotiate(socket: Socket, server: TlsServer, { ca, cert, key }: Files): Promise<TLSSocket> {
  if (!(await requestTls(socket, server.protocol)))
    throw new SegtagError('E_CONNECTION_CONFIG', {
      what: `The server offers no TLS, and the connection asks for ${server.tls}.`,
      remedy: 'Have TLS switched on at the server, or set tls: disable where the network is trusted.',
    });
  const secure = connect({
    socket,
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // Looked at below: an expired certificate shall be described, not only refused.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    await once(secure, 'secureConnect');
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      what: `TLS cannot be set up: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Check `cert` and `key`, and which versions of TLS the server takes.',
      cause,
    });
  }
  return secure;
}

/** The verdict in the order in which a person mends things: the dates, the authority, the name. */
function judge({ tls, host }: TlsServer, secure: TLSSocket, nowMs: number): Finding {
  const certificate = secure.getPeerCertificate();
  const [from, to] = [Date.parse(certificate.valid_from), Date.parse(certificate.valid_to)];
  const described = `${secure.getProtocol() ?? 'TLS'}, certificate of ${nameOf(certificate.subject)} by ${nameOf(certificate.issuer)}, valid ${dateOf(from)} to ${dateOf(to)}`;
  if (nowMs > to || nowMs < from) {
    const what =
      nowMs > to ? `The certificate expired on ${dateOf(to)}` : `The certificate is valid from ${dateOf(from)} on only`;
    const next = 'Have the certificate of the server renewed, and check the clock of this machine.';
    if (tls === 'require') return { detail: `${described}. ${what}, which tls: require does not mind.`, next };
    throw new SegtagError('E_CONNECTION_CONFIG', { what: `${what} (${described}).`, remedy: next });
  }
  if (tls !== 'require' && !secure.authorized)
    throw new SegtagError('E_CONNECTION_CONFIG', {
      what: `The certificate is not trusted: ${String(secure.authorizationError)} (${described}).`,
      remedy: 'Set `ca` to the PEM file of the authority that signed it.',
    });
  const wrongName = tls === 'verify-full' ? identityError(host, certificate) : undefined;
  if (wrongName !== undefined)
    throw new SegtagError('E_CONNECTION_CONFIG', {
      what: `The certificate is for another name: ${wrongName}`,
      remedy: 'Write `host` as the certificate has it, or use tls: verify-ca.',
    });
  const daysLeft = Math.floor((to - nowMs) / dayMs);
  if (daysLeft >= renewDays) return described;
  return { detail: `${described}: ${daysLeft} days are left`, next: 'Have the certificate renewed.' };
}

function identityError(host: string, certificate: PeerCertificate): string | undefined {
  return checkServerIdentity(host, certificate)?.message;
}

function nameOf(names: PeerCertificate['subject'] | undefined): string {
  const name = names?.CN ?? names?.O ?? 'nobody';
  return Array.isArray(name) ? name.join(', ') : name;
}

function dateOf(ms: number): string {
  return Number.isNaN(ms) ? 'an unknown date' : new Date(ms).toISOString().slice(0, 10);
}

function read(setting: keyof Files, path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SegtagError('E_CONNECTION_CONFIG', {
      what: `The file ${path} cannot be read.`,
      remedy: `Correct \`${setting}\` of the connection, or the rights of the file.`,
      cause,
    });
  }
}

async function within<T>({ host, timeoutMs, unreachable }: Server, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new SegtagError(unreachable, {
            what: `${host} takes the connection and then says nothing for ${timeoutMs / 1000} s.`,
            remedy: 'See whether `port` is that of the database, and whether a proxy in between is alive.',
          }),
        ),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Once the socket is gone it fails; nobody is waiting then.
    work.catch(() => {});
  }
}
