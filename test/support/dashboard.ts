import { spawn } from 'node:child_process';
import { request } from 'node:http';
import type { TestProject } from './project.ts';

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

type Asking = {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
};

/** A dashboard in a process of its own, as a user starts it. */
export type RunningDashboard = {
  /** What it printed; holds the token. */
  readonly url: URL;
  /** The cookie of a browser that was let in. */
  readonly cookie: string;
  /** Sends exactly these headers, which a browser or `fetch` would not. */
  ask(path: string, asking?: Asking): Promise<Answer>;
  /** A page as a browser sees it that was let in. */
  page(path: string): Promise<Answer>;
  /** Sends a form as the page at `path` would: with its token, from its origin. */
  submit(path: string, action: string, fields?: Readonly<Record<string, string>>): Promise<Answer>;
  stop(): Promise<number | null>;
};

export async function startDashboard(
  { directory }: TestProject,
  options: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningDashboard> {
  const args = ['dist/main.js', '-C', directory, 'dashboard', '--port', '0', ...options];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const url = await new Promise<URL>((found, fail) => {
    let said = '';
    const hear = (data: Buffer): void => {
      said += data.toString();
      const address = /http:\S+/.exec(said)?.[0];
      if (address !== undefined) found(new URL(address));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then((code) => fail(new Error(`the dashboard ended with ${code}: ${said}`)));
  });
  const ask = (path: string, asking?: Asking): Promise<Answer> => send(url, path, asking);
  const entered = await ask(`/${url.search}`);
  const cookie = String(entered.headers['set-cookie']).split(';')[0]!;
  const page = (path: string): Promise<Answer> => ask(path, { headers: { cookie } });
  return {
    url,
    cookie,
    ask,
    page,
    async submit(path, action, fields = {}) {
      const token = /name="_form" value="([^"]+)"/.exec((await page(path)).text)?.[1] ?? '';
      return ask(action, {
        method: 'POST',
        headers: { cookie, ...fromOurPage(url) },
        form: { _form: token, ...fields },
      });
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** What a browser says of a form that a page of the same origin sends. */
export function fromOurPage({ origin }: URL): Record<string, string> {
  return { origin, 'sec-fetch-site': 'same-origin' };
}

function send(
  { hostname, port, host }: URL,
  path: string,
  { method = 'GET', headers = {}, form }: Asking = {},
): Promise<Answer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((done, fail) => {
    const sent = request({ hostname, port, path, method, headers: { host, ...type, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.once('error', fail);
    sent.end(body);
  });
}
