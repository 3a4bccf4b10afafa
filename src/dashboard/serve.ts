import { serve } from '@hono/node-server';
import { SegtagError } from '../errors.ts';
import { createApp } from './app.ts';
import type { Place } from './place.ts';
import { createGate } from './security/gate.ts';

export type DashboardOptions = {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Instead of a token of this process's own. */
  readonly token?: string;
  /** How browsers reach the dashboard where that is not its own address. */
  readonly publicUrl?: URL;
};

export type Dashboard = {
  /** With the token that lets a browser in. */
  readonly url: string;
  close(): Promise<void>;
};

const loopback: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/**
 * Serves the dashboard. Throws E_USAGE for an address that others can reach without a token of its own and a public
 * name, and for one that can't be listened on.
 */
export async function serveDashboard(place: Place, options: DashboardOptions): Promise<Dashboard> {
  const { host, port, token, publicUrl } = options;
  if (!loopback.includes(host) && (token === undefined || publicUrl === undefined)) throw unsafeHost(host);
  let app: ReturnType<typeof createApp> | undefined;
  const server = serve({ fetch: (request, env) => app!.fetch(request, env), hostname: host, port });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', (error: NodeJS.ErrnoException) => {
      reject(cannotListen(`${host}:${port}`, error));
    });
  });
  const address = server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : port;
  const gate = createGate({ port: actual, ...(token ? { token } : {}), ...(publicUrl ? { publicUrl } : {}) });
  app = createApp(place, gate);
  const shown = publicUrl ?? new URL(`http://${host.includes(':') ? `[${host}]` : host}:${actual}/`);
  shown.searchParams.set('token', gate.token);
  return {
    url: shown.href,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

function unsafeHost(host: string): SegtagError {
  return new SegtagError('E_USAGE', {
    where: `--host ${host}`,
    what: 'Others can reach this address, so it needs a token that is handed out on purpose, and the name that browsers use.',
    remedy: 'Give --token-file and --public-url too, or leave --host out.',
  });
}

function cannotListen(where: string, { code }: NodeJS.ErrnoException): SegtagError {
  return new SegtagError('E_USAGE', {
    where,
    what: code === 'EADDRINUSE' ? 'Something else listens there.' : `Nobody may listen there (${code ?? 'unknown'}).`,
    remedy: 'Choose another --port; 0 takes any free one.',
  });
}
