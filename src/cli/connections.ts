import { describeConnection } from '../job/resolve-connection.ts';
import { openProject, type GlobalOptions } from './project.ts';
import { formatTable } from './text/table.ts';
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
