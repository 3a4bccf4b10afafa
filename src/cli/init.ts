import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { SegtagError } from '../errors.ts';
import { installedFile } from '../installation.ts';
import { jsonSchemas } from '../job/json-schema.ts';
import type { GlobalOptions } from './project.ts';
import { projectTemplates, type TemplateName } from './project-templates.ts';
import type { Terminal } from './terminal.ts';

type InitOptions = GlobalOptions & {
  readonly template: TemplateName;
  /** Whether the template was named, rather than the usual one. */
  readonly isChosen: boolean;
};

/**
 * `segtag init [dir]`: a project folder that runs at once: a bundled job, its SQL, the sample that it
 * reads, and connections. Asks for the job on a terminal alone, and writes nothing where one of its files is there already.
 */
export async function initCommand(
  terminal: Terminal,
  folder: string | undefined,
  options: InitOptions,
): Promise<number> {
  const directory = resolve(options.directory, folder ?? '.');
  const template = options.isChosen || options.json ? options.template : await askTemplate(terminal, options.template);
  const files = filesOf(template);
  const inTheWay = Object.keys(files).filter((path) => existsSync(join(directory, path)));
  if (inTheWay.length > 0)
    throw new SegtagError('E_USAGE', {
      where: directory,
      what: `Nothing was written: ${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'is' : 'are'} there already.`,
      remedy: 'Name another folder: segtag init FOLDER.',
    });
  for (const [path, text] of Object.entries(files)) write(join(directory, path), text);
  const next = nextCommands(directory, template);
  if (options.json) {
    const result = { schemaVersion: 1, directory, template, files: Object.keys(files), next };
    terminal.print(JSON.stringify(result));
    return 0;
  }
  for (const path of Object.keys(files)) terminal.print(`  ${path}`);
  terminal.print(`\nWrote ${Object.keys(files).length} files to ${directory}.\nNext: ${next}`);
  return 0;
}

/** The job to start from, by its number or name; the usual one where nobody can be asked. */
async function askTemplate(terminal: Terminal, usual: TemplateName): Promise<TemplateName> {
  if (!terminal.ask) return usual;
  const names = Object.keys(projectTemplates) as TemplateName[];
  for (const [i, name] of names.entries()) terminal.say(`  ${i + 1}  ${name}`);
  for (;;) {
    const answer = (await terminal.ask(`Which job to start from? [${usual}] `)).trim();
    const chosen = answer === '' ? usual : (names[Number(answer) - 1] ?? names.find((name) => name === answer));
    if (chosen) return chosen;
    terminal.say(`Type a number from 1 to ${names.length}, or a name.`);
  }
}

/** Texts by path within the new project. */
function filesOf(template: TemplateName): Record<string, string> {
  const sql = readdirSync(installedFile(`sql/${template}`)).map((name) => `sql/${template}/${name}`);
  const sample = projectTemplates[template].map((name) => `sql/sample/${name}`);
  const copied = [`jobs/${template}.yaml`, ...sql.sort(), ...sample, 'config/connections.yaml'];
  return {
    ...Object.fromEntries(copied.map((path) => [path, readFileSync(installedFile(path), 'utf8')])),
    ...jsonSchemas(),
    '.gitignore': '# Databases, and reports on customers.\nvar/\nreports/\n',
  };
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    throw new SegtagError('E_USAGE', {
      where: file,
      what: `The file cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Name a folder that you may write to.',
      cause,
    });
  }
}

function nextCommands(directory: string, template: TemplateName): string {
  const from = relative(process.cwd(), directory);
  return `${from === '' ? '' : `cd ${from} && `}segtag run ${template}`;
}
