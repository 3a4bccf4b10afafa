import type { MiddlewareHandler } from 'hono';

/** Pages load what they need from here, send forms to here, and stand in nobody's frame. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A report brings its own policy, which is as strict; this one only keeps it out of frames. */
export const reportPolicy = "frame-ancestors 'none'; form-action 'none'; base-uri 'none'";

/** What every answer tells the browser; a route that needs another policy has set it before. */
export function safeHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const set = (name: string, value: string): void => {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    };
    set('content-security-policy', policy);
    set('cache-control', 'no-store');
    set('x-content-type-options', 'nosniff');
    set('x-frame-options', 'DENY');
    set('cross-origin-opener-policy', 'same-origin');
    set('cross-origin-resource-policy', 'same-origin');
    // `no-referrer` would make a browser send `Origin: null` with our own forms.
    set('referrer-policy', 'same-origin');
  };
}
