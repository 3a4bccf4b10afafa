import { describeConnection } from '../job/resolve-connection.ts';
import { openStaging } from '../staging/staging.ts';
import { testConnection, type ConnectionStep } from '../warehouse/open.ts';
import { openProject, type GlobalOptions, type Project } from './project.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** `segtag connections list`: every value of the target's connections with its origin; secrets as ***. */
export function listConnectionsCommand(terminal: Terminal, options: GlobalOptions): number {
  const project = openProject(options);
  const rows = [...project.target.connections.keys()].flatMap((connection) =>
    describeConnection(project.connections, project.target.name, connection, project.surroundings).map((row) => ({
      connection,
      ...row,
    })),
  );
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, target: project.target.name, rows }));
  else {
    const titles = ['Connection', 'Key', 'Value', 'From'].map((title) => ({ title, align: 'left' }) as const);
    const cells = rows.map(({ connection, key, value, origin }) => [connection, key, value, origin]);
    terminal.print(`Target ${project.target.name}\n${formatTable(titles, cells, terminal.width)}`);
  }
  return 0;
}

/** `segtag connections test <name>`: connects and says what answered. */
export async function testConnectionCommand(terminal: Terminal, name: string, options: GlobalOptions): Promise<number> {
  const steps = await stepsOf(openProject(options), name);
  if (options.json) terminal.print(JSON.stringify({ schemaVersion: 1, connection: name, steps }));
  else terminal.print(steps.map(({ step, ok, detail }) => `${ok ? '✓' : '✗'} ${step.padEnd(10)} ${detail}`).join('\n'));
  return steps.find(({ error }) => error !== undefined)?.error?.exitCode ?? 0;
}

async function stepsOf(project: Project, name: string): Promise<ConnectionStep[]> {
  const connection = project.connection(name);
  if (connection.config.client !== 'sqlite') return testConnection(connection);
  const staging = await openStaging(connection);
  await staging.close();
  return [{ step: 'open', ok: true, detail: staging.place }];
}
