import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { AlertBody } from '../../src/notify/message.ts';

type Received = { readonly headers: IncomingHttpHeaders; readonly text: string; readonly path: string };

export type Receiver = {
  readonly url: string;
  readonly received: Received[];
  /** The answer from now on. */
  answer(status: number): void;
  /** The bodies so far, as alerts. */
  alerts(): AlertBody[];
};

/** A real HTTP server on the loopback that keeps what it is sent; it ends with the test. */
export async function httpReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let status = 204;
  const server = createHttpServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, text, path: `${request.method} ${request.url}` });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (next) => {
      status = next;
    },
    alerts: () => received.map(({ text }) => JSON.parse(text) as AlertBody),
  };
}

/** A mail server that takes every mail; it ends with the test. */
export async function mailReceiver(): Promise<{
  readonly port: number;
  readonly mails: string[];
  readonly talk: string[];
}> {
  const mails: string[] = [];
  const talk: string[] = [];
  const server = createServer((socket) => {
    let mail: string[] | undefined;
    let rest = '';
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      if (mail !== undefined) {
        if (line !== '.') return void mail.push(line);
        mails.push(mail.join('\n'));
        mail = undefined;
        return say('250 taken');
      }
      talk.push(line);
      if (line.startsWith('EHLO')) return say('250-here\r\n250 AUTH PLAIN');
      if (line.startsWith('AUTH')) return say('235 welcome');
      if (line === 'DATA') {
        mail = [];
        return say('354 go on');
      }
      return say('250 ok');
    };
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      lines.forEach(hear);
    });
    say('220 here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, mails, talk };
}
