import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type FaultyProxy = { readonly port: number; close(): Promise<void> };

/** Passes everything on, but swallows the answer to the first COMMIT and cuts that connection. */
export function losingCommit(target: { readonly host: string; readonly port: number }): Promise<FaultyProxy> {
  let lost = false;
  return listen((client) => {
    const server = connect(target);
    let swallow = false;
    client.on('data', (chunk) => {
      if (!lost && chunk.includes('COMMIT')) swallow = lost = true;
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!swallow) return client.write(chunk);
      client.destroy();
      return server.destroy();
    });
    for (const socket of [client, server]) socket.on('error', () => {});
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  });
}

/** Accepts connections and never says anything. */
export function blackHole(): Promise<FaultyProxy> {
  return listen((client) => client.on('error', () => {}));
}

export type SilentProxy = FaultyProxy & {
  /** From now on passes nothing on, in either direction, and closes nothing: sockets are half open. */
  fallSilent(): void;
};

/**
 * Passes everything on until it is told to fall silent, or a client sends the given text, which is not
 * passed on. Connections made after that are accepted and never answered.
 */
export async function fallingSilent(
  target: { readonly host: string; readonly port: number },
  whenSent?: string,
): Promise<SilentProxy> {
  let silent = false;
  const servers = new Set<Socket>();
  const proxy = await listen((client) => {
    client.on('error', () => {});
    if (silent) return;
    const server = connect(target);
    servers.add(server);
    server.on('error', () => {});
    client.on('data', (chunk) => {
      silent ||= whenSent !== undefined && chunk.includes(whenSent);
      if (!silent) server.write(chunk);
    });
    server.on('data', (chunk) => silent || client.write(chunk));
    client.on('close', () => silent || server.destroy());
    server.on('close', () => silent || client.destroy());
  });
  return {
    port: proxy.port,
    fallSilent() {
      silent = true;
    },
    close() {
      for (const server of servers) server.destroy();
      return proxy.close();
    },
  };
}

/** What happens to a message of a client. */
export type Fate = 'pass' | 'cut' | 'lose the answer' | 'fall silent';

/** Passes on what fate allows: it is asked about each message that a client sends. */
export function fateful(
  target: { readonly host: string; readonly port: number },
  fateOf: () => Fate,
): Promise<FaultyProxy> {
  return listen((client) => {
    const server = connect(target);
    let fate: Fate = 'pass';
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', () => {});
    client.on('data', (chunk) => {
      if (fate === 'pass') fate = fateOf();
      if (fate === 'cut') cut();
      else if (fate !== 'fall silent') server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (fate === 'pass') client.write(chunk);
      else if (fate === 'lose the answer') cut();
    });
    client.on('close', () => server.destroy());
    server.on('close', () => fate === 'fall silent' || client.destroy());
  });
}

/** Passes everything on. */
export function passing(target: { readonly host: string; readonly port: number }, port?: number): Promise<FaultyProxy> {
  return listen((client) => {
    const server = connect(target);
    for (const socket of [client, server]) socket.on('error', () => {});
    client.pipe(server);
    server.pipe(client);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }, port);
}

function listen(accept: (client: Socket) => void, port = 0): Promise<FaultyProxy> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    accept(client);
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        port,
        close: () =>
          new Promise((closed) => {
            for (const client of clients) client.destroy();
            server.close(() => closed());
          }),
      });
    });
  });
}
