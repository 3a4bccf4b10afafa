import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection, ResolvedConnection } from '../job/connections-schema.ts';
import { chooseTarget, loadConnections, type LoadedConnections, type Target } from '../job/load-connections.ts';
import type { Surroundings } from '../job/fill-references.ts';
import { resolveConnection } from '../job/resolve-connection.ts';

/** Options that every command takes. */
export type GlobalOptions = {
  readonly directory: string;
  readonly target?: string;
  readonly json?: boolean;
  readonly logFormat: 'human' | 'json';
};

/** A project folder with its connections and the chosen target. */
export type Project = {
  readonly directory: string;
  readonly connections: LoadedConnections;
  readonly target: Target;
  readonly surroundings: Surroundings;
  connection(name: string): ResolvedConnection;
  /** The engine of a connection, without resolving its secrets. */
  client(name: string): Connection['client'];
};

/** Opens the project folder of a command. */
export function openProject({ directory, target: wanted }: GlobalOptions): Project {
  const projectDir = resolve(directory);
  const connections = loadConnections(projectDir);
  const target = chooseTarget(connections, wanted);
  const surroundings = { projectDir, env: process.env, readFile: (path: string) => readFileSync(path, 'utf8') };
  const connection = (name: string): ResolvedConnection =>
    resolveConnection(connections, target.name, name, surroundings);
  return {
    directory: projectDir,
    connections,
    target,
    surroundings,
    connection,
    client(name) {
      const written = target.connections.get(name) as Pick<Connection, 'client'> | undefined;
      return written?.client ?? connection(name).config.client;
    },
  };
}
