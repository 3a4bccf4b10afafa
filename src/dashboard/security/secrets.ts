import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as text that needs no escaping in a URL, a cookie or a form. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether somebody knows a secret, in a time that says nothing about how much of it was right. */
export function isSecret(given: string | undefined, secret: string): boolean {
  return given !== undefined && timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
