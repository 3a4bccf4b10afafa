import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { SegtagError, type ErrorCode } from '../errors.ts';
import type { TakeStep } from './steps.ts';

/** A server as its connection names it; `unreachable` is the code of a failure to get there. */
export type Server = {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly unreachable: ErrorCode;
};

/** Whether the name of the server is known and its port is open. False when not. */
export async function reach(take: TakeStep, server: Server): Promise<boolean> {
  return (await take('dns', () => resolveName(server))) && (await take('tcp', () => knock(server)));
}

async function resolveName({ host, unreachable }: Server): Promise<string> {
  if (isIP(host) !== 0) return `${host} is an address`;
  try {
    const addresses = await lookup(host, { all: true });
    return `${host} → ${addresses.map(({ address }) => address).join(', ')}`;
  } catch (cause) {
    throw new SegtagError(unreachable, {
      what: `The name ${host} is not known (${codeOf(cause)}).`,
      remedy: 'Correct `host`; when it is right, look at the name servers of this machine, or at its VPN.',
      cause,
    });
  }
}

async function knock(server: Server): Promise<string> {
  const started = performance.now();
  (await openSocket(server)).destroy();
  return `port ${server.port} is open (${Math.max(1, Math.round(performance.now() - started))} ms)`;
}

/** An open socket to the server; the caller closes it. */
export function openSocket({ host, port, timeoutMs, unreachable }: Server): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (what: string, remedy: string, cause?: unknown): void => {
      socket.destroy();
      reject(new SegtagError(unreachable, { what, remedy, cause }));
    };
    const timer = setTimeout(
      () =>
        fail(
          `Nothing answers on port ${port} of ${host} within ${timeoutMs / 1000} s.`,
          'A firewall or a security group drops the packets: let this machine through, or raise connect_timeout_seconds.',
        ),
      timeoutMs,
    );
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      const refused = codeOf(error) === 'ECONNREFUSED';
      fail(
        refused
          ? `${host} refuses connections on port ${port} (ECONNREFUSED).`
          : `Port ${port} of ${host} cannot be reached (${codeOf(error)}).`,
        refused
          ? 'Start the server, or correct `port`; see whether it listens on this network at all.'
          : 'Check the network between this machine and the server.',
        error,
      );
    });
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
