import { SendFailure } from './send-failure.ts';

type Request = {
  readonly method: 'POST' | 'PUT';
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Sends a request; throws SendFailure, without the address, unless the answer is 2xx. Redirects are not followed. */
export async function sendRequest(
  address: string,
  { method, body, headers }: Request,
  signal: AbortSignal,
): Promise<void> {
  const { url, authorization } = target(address);
  const answer = await fetch(url, {
    method,
    body,
    redirect: 'manual',
    signal,
    headers: { 'user-agent': 'segtag', ...authorization, ...headers },
  }).catch((error: unknown) => {
    throw new SendFailure(signal.aborted ? 'it did not answer in time' : reasonOf(error));
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new SendFailure(`it answered ${answer.status}`);
}

/** The server behind an address; throws SendFailure, without the address, where it is none. */
export function serverOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = target(address).url;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

/** User and password of an address go into a header, where `fetch` takes them. */
function target(address: string): { url: URL; authorization: Readonly<Record<string, string>> } {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new SendFailure('its address is no http or https address');
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return { url, authorization: {} };
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, authorization: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}

/** The code of the network's error alone: its message may hold the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be reached';
}
