import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { serveDashboard } from '../dashboard/serve.ts';
import type { Place } from '../dashboard/place.ts';
import { SegtagError, type ErrorCode } from '../errors.ts';
import { programFile } from '../installation.ts';
import { loadJob, loadJobs } from '../job/load-job.ts';
import { metricsText } from '../notify/metrics.ts';
import { collectMetrics } from '../pipeline/telling/collect-metrics.ts';
import type { TuneSummary } from '../pipeline/inquiries/tune.ts';
import { decidedBy } from './decided-by.ts';
import { interruptible } from './interruption.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import { tellerFor } from './telling.ts';
import type { Terminal } from './terminal.ts';
import { withStore } from './with-staging.ts';

export type DashboardCommandOptions = GlobalOptions & {
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly tokenFile?: string;
  readonly readOnly?: boolean;
  readonly connection: string;
};

const shortestToken = 32;

/** `segtag dashboard`: serves pages over the run store until it is stopped. Returns the exit code. */
export async function dashboardCommand(terminal: Terminal, options: DashboardCommandOptions): Promise<number> {
  const project = openProject(options);
  const dashboard = await serveDashboard(placeOf(terminal, project, options), {
    host: options.host,
    port: options.port,
    ...(options.tokenFile === undefined ? {} : { token: readToken(options.tokenFile) }),
    ...(options.publicUrl === undefined ? {} : { publicUrl: readUrl(options.publicUrl) }),
  });
  terminal.print(
    options.json ? JSON.stringify({ schemaVersion: 1, url: dashboard.url }) : `Dashboard: ${dashboard.url}`,
  );
  terminal.say('The address holds the token that lets you in. Ctrl-C stops the dashboard.');
  await interruptible((signal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())));
  await dashboard.close();
  return 0;
}

function placeOf(terminal: Terminal, project: Project, options: DashboardCommandOptions): Place {
  const { directory, target } = project;
  const global = ['-C', directory, '--target', target.name, '--log-format', 'json'];
  const command = [...process.execArgv, programFile('main'), ...global];
  return {
    target: target.name,
    readOnly: options.readOnly ?? false,
    decidedBy: decidedBy(),
    jobs: () => loadJobs(directory),
    job: (name) => loadJob(directory, name),
    withStore: (connection, work) => withStore(project, connection, work),
    tellerOf: (loaded) => tellerFor(terminal, project, loaded),
    metrics: () =>
      withStore(project, options.connection, async (staging) => metricsText(await collectMetrics(staging, new Date()))),
    start(args) {
      spawn(process.execPath, [...command, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    },
    tune: (job) => answerOf<TuneSummary>([...command, '--json', 'tune', job]),
    now: () => new Date(),
    complain: (error) => terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  };
}

type Failed = { readonly error: { readonly code: ErrorCode; readonly what: string; readonly remedy?: string } };

/** What a command of segtag prints as JSON, run in a process of its own so that pages stay quick. */
function answerOf<Answer extends object>(command: readonly string[]): Promise<Answer> {
  return new Promise((answer, fail) => {
    execFile(process.execPath, command, (error, stdout) => {
      if (error && stdout === '') return fail(error);
      const said = JSON.parse(stdout) as Answer | Failed;
      if (!('error' in said)) return answer(said);
      const { code, what, remedy = '' } = said.error;
      fail(new SegtagError(code, { what, remedy }));
    });
  });
}

function readToken(file: string): string {
  const token = readText(file).trim();
  if (token.length >= shortestToken) return token;
  throw new SegtagError('E_USAGE', {
    where: file,
    what: `The token must have at least ${shortestToken} characters.`,
    remedy: 'Make one: openssl rand -base64 32',
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SegtagError('E_USAGE', {
      where: `--token-file ${file}`,
      what: 'This file cannot be read.',
      remedy: 'Make it: openssl rand -base64 32 > FILE',
      cause: error,
    });
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url;
  throw new SegtagError('E_USAGE', {
    where: `--public-url ${text}`,
    what: 'This is not the address of a site.',
    remedy: 'Write it as https://segtag.example.com, without a path.',
  });
}
