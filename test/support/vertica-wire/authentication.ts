import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MessageWriter } from './framing.ts';

export type AuthenticationKind = 'trust' | 'password' | 'md5' | 'sha512' | 'oauth';

export type Challenge = {
  /** Writes the request for a password. */
  write(writer: MessageWriter): void;
  accepts(answer: string): boolean;
};

/** What a user must prove (under `oauth` the password is the token), or undefined where everybody is trusted. */
export function challenge(kind: AuthenticationKind, user: string, password: string): Challenge | undefined {
  const salt = randomBytes(4);
  const userSalt = randomBytes(16);
  switch (kind) {
    case 'trust':
      return undefined;
    case 'password':
      return {
        write: (writer) => void writer.begin('R').int32(3).end(),
        accepts: (answer) => equal(answer, password),
      };
    case 'oauth':
      return {
        write: (writer) => void writer.begin('R').int32(12).end(),
        accepts: (answer) => equal(answer, password),
      };
    case 'md5':
      return {
        write: (writer) => writeSalts(writer, 5, salt, userSalt),
        accepts: (answer) => equal(answer, `md5${hash('md5', hash('md5', password + user), salt)}`),
      };
    case 'sha512':
      return {
        write: (writer) => writeSalts(writer, 66_048, salt, userSalt),
        accepts: (answer) => equal(answer, `sha512${hash('sha512', hash('sha512', password, userSalt), salt)}`),
      };
  }
}

/** 32 bytes where PostgreSQL's have 12: the salt of the session, then the length and bytes of the user's. */
function writeSalts(writer: MessageWriter, kind: number, salt: Buffer, userSalt: Buffer): void {
  writer.begin('R').int32(kind).bytes(salt).int32(userSalt.length).bytes(userSalt).end();
}

function hash(algorithm: string, text: string, salt: Buffer = Buffer.alloc(0)): string {
  return createHash(algorithm).update(text, 'utf8').update(salt).digest('hex');
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
