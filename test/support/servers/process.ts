import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/** The first of the folders (PATH first) that holds the program, or undefined. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return [...(process.env.PATH ?? '').split(':'), ...folders]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** The user that a program runs as; absent means this process's own. */
export type RunAs = { readonly uid: number; readonly gid: number } | undefined;

/** Runs a program to its end; throws with its output when it fails. */
export function runToEnd(command: string, args: readonly string[], as?: RunAs): void {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 180_000, ...as });
  if (result.status !== 0)
    throw new Error(`${command} failed: ${result.stderr || result.stdout || String(result.error)}`);
}

/** Starts a server whose output goes to a file. */
export function startServer(
  command: string,
  args: readonly string[],
  options: { logFile: string; as?: RunAs | undefined },
): ChildProcess {
  const log = openSync(options.logFile, 'a');
  return spawn(command, args, { stdio: ['ignore', log, log], ...options.as });
}

/** Resolves once something listens on the port; rejects when the server exits first or 30 s pass. */
export async function listening(server: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the server exited with ${server.exitCode} before it listened`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listened on port ${port} within 30 s`);
}

/** Ends a process by signal and waits until it is gone; after ten seconds it is killed. */
export function stopped(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.kill('SIGKILL'), 10_000);
    server.once('exit', () => resolve(clearTimeout(patience)));
    server.kill(signal);
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve((socket.destroy(), true)));
    socket.once('error', () => resolve(false));
  });
}
