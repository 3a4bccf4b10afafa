import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Smtp } from '../job/schema/notify.ts';
import { SendFailure } from './send-failure.ts';

export type Mail = {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly id: string;
};

/**
 * Hands a mail to the server over a connection of its own, which the signal breaks off. Throws
 * SendFailure, without addresses and passwords.
 */
export async function sendMail(smtp: Smtp, mail: Mail, signal: AbortSignal): Promise<void> {
  const { host, port, tls, user, password } = smtp;
  const socket = await connected(host, port, signal);
  const transport = createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'disable',
    getSocket: (_options: unknown, done: (error: null, found: { connection: Socket }) => void) => {
      done(null, { connection: socket });
    },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
  });
  try {
    await transport.sendMail({
      from: smtp.from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      headers: { 'Idempotency-Key': mail.id, 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    throw new SendFailure(signal.aborted ? tooLate : reasonOf(error));
  } finally {
    transport.close();
    socket.destroy();
  }
}

const tooLate = 'it did not answer in time';

function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const stop = (): void => void socket.destroy(new SendFailure(tooLate));
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    socket.once('connect', () => resolve(socket));
    socket.on('error', (error) => reject(error instanceof SendFailure ? error : new SendFailure(reasonOf(error))));
  });
}

/** Codes alone: a server's words may repeat addresses. */
function reasonOf(error: unknown): string {
  const { code, responseCode } = error as { readonly code?: string; readonly responseCode?: number };
  const parts = [
    code ?? 'it cannot be reached',
    ...(responseCode === undefined ? [] : [`the server answered ${responseCode}`]),
  ];
  return parts.join(', ');
}
