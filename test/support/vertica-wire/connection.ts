import type { Socket } from 'node:net';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import { challenge, type AuthenticationKind } from './authentication.ts';
import { createFrameReader, createMessageWriter, readBody, type WireMessage } from './framing.ts';
import { protocol316, readOpening, writeError, writeParameterStatus, type Opening } from './messages.ts';
import { WireError } from './wire-error.ts';

export type LoginRules = {
  readonly authentication: AuthenticationKind;
  /** Passwords by user. */
  readonly users: Readonly<Record<string, string>>;
  readonly database: string;
  readonly tls: (SecureContextOptions & { readonly requestCert?: boolean }) | undefined;
  readonly protocolVersion: number;
};

export type Client = {
  /** The socket that carries the session: the TLS one where the client asked for it. */
  readonly socket: Socket;
  next(): Promise<WireMessage | undefined>;
  readonly opening: Exclude<Opening, { kind: 'tls' }>;
};

/** Reads what a new connection wants: a session or the cancelling of one, after TLS where that is asked for. */
export async function accept(raw: Socket, rules: LoginRules): Promise<Client | undefined> {
  let incoming = messagesOf(raw);
  let socket = raw;
  for (;;) {
    const message = await incoming.nextUntyped();
    if (!message) return undefined;
    const opening = readOpening(message);
    if (opening.kind !== 'tls') return { socket, next: incoming.nextTyped, opening };
    if (!rules.tls) {
      socket.write('N');
      continue;
    }
    incoming.detach();
    socket.write('S');
    socket = new TLSSocket(raw, { ...rules.tls, isServer: true, rejectUnauthorized: rules.tls.requestCert === true });
    incoming = messagesOf(socket);
  }
}

/** Asks for the password and greets the client; false after a refusal, which the client has been told. */
export async function logIn(client: Client, rules: LoginRules, processId: number, secretKey: number): Promise<boolean> {
  const { socket, opening } = client;
  if (opening.kind !== 'startup') return false;
  const out = createMessageWriter();
  const user = opening.parameters.get('user') ?? '';
  const asked = challenge(rules.authentication, user, rules.users[user] ?? '');
  let welcome = true;
  if (asked) {
    asked.write(out);
    socket.write(out.take());
    const answer = await client.next();
    if (answer?.code !== 'p') return false;
    const isTold = rules.authentication !== 'oauth' || opening.parameters.get('auth_category') === 'OAuth';
    welcome = isTold && asked.accepts(readBody(answer.body).cstring()) && rules.users[user] !== undefined;
  }
  if (!welcome) return refuse(socket, new WireError('28000', 'Invalid username or password'));
  if (opening.parameters.get('database') !== rules.database)
    return refuse(socket, new WireError('3D000', `Database "${opening.parameters.get('database')}" does not exist`));
  out.begin('R').int32(0).end();
  writeParameterStatus(out, 'server_version', 'v0 (a stand-in for tests)');
  writeParameterStatus(out, 'auto_commit', 'off');
  writeParameterStatus(out, 'protocol_version', String(rules.protocolVersion));
  out.begin('K').int32(processId).int32(secretKey).end();
  socket.write(out.take());
  return true;
}

/** The protocol version that the server names unless told otherwise. */
export const defaultProtocolVersion = protocol316;

/** Tells a client why its connection ends. */
export function refuse(socket: Socket, error: WireError): false {
  const out = createMessageWriter();
  writeError(out, error, 'FATAL');
  socket.end(out.take());
  return false;
}

const ignore = (): void => {};

function messagesOf(socket: Socket): {
  nextUntyped(): Promise<Buffer | undefined>;
  nextTyped(): Promise<WireMessage | undefined>;
  detach(): void;
} {
  const frames = createFrameReader();
  let closed = false;
  let wake: () => void = ignore;
  const onData = (chunk: Buffer): void => {
    frames.push(chunk);
    wake();
  };
  socket.on('data', onData);
  socket.once('close', () => {
    closed = true;
    wake();
  });
  const next = async <Message>(take: () => Message | undefined): Promise<Message | undefined> => {
    for (;;) {
      const message = take();
      if (message !== undefined || closed) return message;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    nextUntyped: () => next(frames.takeUntyped),
    nextTyped: () => next(frames.takeTyped),
    detach: () => void socket.off('data', onData),
  };
}
