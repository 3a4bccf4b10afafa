import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { randomSecret, isSecret } from './secrets.ts';

/** Who may come in, and by which names the dashboard is called. */
export type Gate = {
  /** Opens the dashboard once in a browser, and the interfaces for programs always. */
  readonly token: string;
  /** What a browser holds once the token has let it in. */
  readonly session: string;
  /** Stands in every form. */
  readonly form: string;
  readonly cookie: string;
  /** `scheme://host:port` of every name that may be used, lower case. */
  readonly origins: readonly string[];
};

export type GateOptions = { readonly token?: string; readonly port: number; readonly publicUrl?: URL };

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** A gate with secrets of its own; they end with the process. */
export function createGate({ token, port, publicUrl }: GateOptions): Gate {
  const own = loopbackNames.map((name) => `http://${name}:${port}`);
  return {
    token: token ?? randomSecret(),
    session: randomSecret(),
    form: randomSecret(),
    cookie: `segtag-${port}`,
    origins: publicUrl ? [...own, publicUrl.origin] : own,
  };
}

/**
 * Refuses a request that calls the dashboard by a name of somebody else: a page of theirs whose name was made to point
 * here (DNS rebinding) would otherwise count as ours.
 */
export function knownHosts({ origins }: Gate): MiddlewareHandler {
  const hosts = new Set(origins.map((origin) => new URL(origin).host));
  return async (c, next) => {
    if (!hosts.has((c.req.header('host') ?? '').toLowerCase())) return c.text('Unknown host.\n', 421);
    return next();
  };
}

/** Lets in who has the session's cookie, or exchanges the token of the URL for it, so that no token stays in the history. */
export function sessionOnly(gate: Gate): MiddlewareHandler {
  return async (c, next) => {
    if (isSecret(getCookie(c, gate.cookie), gate.session)) return next();
    if (c.req.method === 'GET' && isSecret(c.req.query('token'), gate.token)) return enter(c, gate);
    return c.text('Open the address that `segtag dashboard` has printed; it holds the token that lets you in.\n', 401);
  };
}

function enter(c: Context, gate: Gate): Response {
  const url = new URL(c.req.url);
  url.searchParams.delete('token');
  const isSecure = gate.origins.some((origin) => origin.startsWith('https:') && origin.endsWith(`//${url.host}`));
  setCookie(c, gate.cookie, gate.session, { path: '/', httpOnly: true, sameSite: 'Strict', secure: isSecure });
  return c.redirect(`${url.pathname}${url.search}`, 303);
}

/** For programs: the token as a bearer. */
export function bearerOnly({ token }: Gate): MiddlewareHandler {
  return async (c, next) => {
    const [scheme, given] = (c.req.header('authorization') ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && isSecret(given, token)) return next();
    return c.json({ schemaVersion: 1, error: { what: 'The token is missing or wrong.' } }, 401, {
      'www-authenticate': 'Bearer',
    });
  };
}

const safeMethods: readonly string[] = ['GET', 'HEAD'];

/** Takes forms of our own pages only: sent from one of our origins, by the same site, with the token that stands in them. */
export function ownFormsOnly({ origins, form }: Gate): MiddlewareHandler {
  return async (c, next) => {
    if (safeMethods.includes(c.req.method)) return next();
    const origin = c.req.header('origin')?.toLowerCase();
    const isOurs = origin !== undefined && origins.includes(origin) && isOfHost(origin, c.req.header('host'));
    const isSameSite = c.req.header('sec-fetch-site') === 'same-origin';
    const given = isOurs && isSameSite ? (await c.req.parseBody())._form : undefined;
    if (isSecret(typeof given === 'string' ? given : undefined, form)) return next();
    return c.text('This form does not come from a page of this dashboard. Nothing was done.\n', 403);
  };
}

function isOfHost(origin: string, host: string | undefined): boolean {
  return new URL(origin).host === host?.toLowerCase();
}
