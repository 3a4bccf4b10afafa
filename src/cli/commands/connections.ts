import type { Command } from 'commander';
import type { Group } from './group.ts';

/** `connections list` and `connections test`. */
export function addConnectionCommands({ program, terminal, finish }: Group): void {
  const connections = program.command('connections').description('look at and try the connections of a target');
  connections
    .command('list')
    .description('show every value and where it comes from; secrets as ***')
    .action(async (_options, command: Command) => {
      const { listConnectionsCommand } = await import('../connections.ts');
      finish(listConnectionsCommand(terminal, command.optsWithGlobals()));
    });
  connections
    .command('test <name>')
    .description('look at a connection step by step, and say what to do about each failure')
    .action(async (name: string, _options, command: Command) => {
      const { testConnectionCommand } = await import('../doctor.ts');
      finish(await testConnectionCommand(terminal, name, command.optsWithGlobals()));
    });
}

/** `doctor`. */
export function addDoctorCommand({ program, terminal, finish }: Group): void {
  program
    .command('doctor')
    .description('look at this machine, the project and every connection of the target, and say what to do')
    .action(async (_options, command: Command) => {
      const { doctorCommand } = await import('../doctor.ts');
      finish(await doctorCommand(terminal, command.optsWithGlobals()));
    });
}
