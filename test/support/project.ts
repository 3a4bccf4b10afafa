import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { it, type TestAPI } from 'vitest';

/** Real data that nobody in this project wrote; it stands beside the project, never in it. */
export const sharedData = resolve('../shared/data');

/** Whether a data set is there; says so loudly where it is not. */
export function hasData(folder: string): boolean {
  const found = existsSync(join(sharedData, folder));
  if (!found) console.warn(`SKIPPED: tests on ${folder}. Its data is not at ${sharedData}.`);
  return found;
}

/** `it` where the data set is there; elsewhere a loud skip. */
export function itWithData(folder: string): TestAPI {
  return hasData(folder) ? it : (it.skip as unknown as TestAPI);
}

export type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** A project folder of its own, with its command line. */
export type TestProject = {
  readonly directory: string;
  /** Runs the compiled segtag in a child process, as a user would type it. */
  segtag(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** The same with stdout piped into another program. */
  piped(args: readonly string[], into: string): Promise<Ended>;
  /** The same as a user whom the permissions of files hold back, even where the tests run as root. */
  segtagHeldByPermissions(args: readonly string[]): Promise<Ended>;
};

/**
 * Copies the jobs and SQL of a folder (the product's own by default) and gives it these targets. Charts take longer than
 * a small night: only tests of reports let their nights write them.
 */
export function makeProject(
  source: string,
  targets: Record<string, unknown>,
  { withReports = false }: { readonly withReports?: boolean } = {},
): TestProject {
  const directory = mkdtempSync(join(tmpdir(), 'segtag-project-'));
  for (const part of ['jobs', 'sql']) cpSync(join(source, part), join(directory, part), { recursive: true });
  if (!withReports) leaveOutReports(join(directory, 'jobs'));
  writeConnections(directory, targets);
  const inProject = (args: readonly string[]): string[] => ['dist/main.js', '-C', directory, ...args];
  return {
    directory,
    segtag: (args, env) => toEnd([process.execPath, ...inProject(args)], env),
    piped: (args, into) => toEnd(['bash', '-c', `"$@" | ${into}`, 'bash', process.execPath, ...inProject(args)]),
    segtagHeldByPermissions: (args) => toEnd([...unprivileged, process.execPath, ...inProject(args)]),
  };
}

function leaveOutReports(jobs: string): void {
  for (const file of readdirSync(jobs)) {
    const text = readFileSync(join(jobs, file), 'utf8');
    if (!/^report:/m.test(text)) writeFileSync(join(jobs, file), `${text}report: { keep: 0 }\n`);
  }
}

/** YAML is a superset of JSON, so the connections file may be written as such. */
export function writeConnections(directory: string, targets: Record<string, unknown>): void {
  mkdirSync(join(directory, 'config'), { recursive: true });
  const file = { default: Object.keys(targets)[0], targets };
  writeFileSync(join(directory, 'config', 'connections.yaml'), JSON.stringify(file, undefined, 2));
}

/** Runs the compiled command line to its end. */
export function runSegtag(args: readonly string[], env?: Record<string, string>): Promise<Ended> {
  return toEnd([process.execPath, 'dist/main.js', ...args], env);
}

/** Root passes over permissions; without these capabilities it is held to them like anyone. */
const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

function toEnd([command = '', ...args]: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (text.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text.stderr += data.toString()));
    child.once('error', fail);
    child.once('close', (exitCode) => done({ exitCode, ...text }));
  });
}
