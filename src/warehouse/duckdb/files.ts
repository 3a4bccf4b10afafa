import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { SegtagError } from '../../errors.ts';
import { failureOf, openError, rejectionOf } from './error.ts';
import { positionInFile } from '../sql-error.ts';

/** Every instance: errors as data, and no extension is fetched from the network in the middle of a night. */
export const duckdbOptions = { errors_as_json: 'true', autoinstall_known_extensions: 'false' } as const;

/**
 * Makes the database file by running the folder's SQL files in order of their names. It is built
 * aside and renamed, so that an interrupted build leaves no file and of two racing builds one wins.
 * Throws E_CONNECTION_CONFIG for a folder without SQL, E_SQL_REJECTED with the place of a mistake.
 */
export async function buildDatabase(file: string, folder: string, place: string): Promise<void> {
  const scripts = sqlFilesIn(folder, place);
  mkdirSync(dirname(file), { recursive: true });
  removeAbandoned(file);
  const draft = `${file}.${randomUUID()}${draftEnding}`;
  try {
    await runScripts(draft, scripts);
    renameSync(draft, file);
  } finally {
    for (const left of [draft, `${draft}.wal`]) rmSync(left, { force: true });
  }
}

const draftEnding = '.building';
const abandonedAfterMs = 3_600_000;

/** Drafts of builds that were killed; one that still grows is younger. */
function removeAbandoned(file: string): void {
  for (const name of readdirSync(dirname(file))) {
    const path = join(dirname(file), name);
    if (!name.startsWith(`${basename(file)}.`) || !name.includes(draftEnding)) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > abandonedAfterMs) rmSync(path, { force: true });
  }
}

function sqlFilesIn(folder: string, place: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.sql')) : [];
  if (names.length === 0)
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where: place,
      what: `The folder ${folder}, which is to build the database, holds no SQL files.`,
      remedy: 'Correct `build` of the connection, or give `file` a database that exists.',
    });
  return names.sort().map((name) => join(folder, name));
}

async function runScripts(database: string, scripts: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(database, duckdbOptions);
  const connection = await instance.connect();
  try {
    for (const script of scripts) await runScript(connection, script);
    await connection.run('CHECKPOINT');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function runScript(connection: DuckDBConnection, script: string): Promise<void> {
  const sql = readFileSync(script, 'utf8');
  try {
    await connection.run(sql);
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const { message, offset } = rejectionOf(failure, sql);
    const file = relative('', script);
    const verbatim = { file, sql: sql.replaceAll('?', '\\?'), bindings: [] };
    throw new SegtagError('E_SQL_REJECTED', {
      where: offset === undefined ? file : positionInFile(verbatim, 'duckdb', offset),
      what: `DuckDB could not build the database: ${message}.`,
      remedy: 'Correct the SQL file; the next command builds again.',
    });
  }
}

/** Attaches other database files for reading only, so that their tables are `name.table`. */
export async function attachDatabases(
  connection: DuckDBConnection,
  databases: Readonly<Record<string, string>>,
  place: string,
): Promise<void> {
  for (const [name, path] of Object.entries(databases)) {
    if (!existsSync(path))
      throw new SegtagError('E_CONNECTION_CONFIG', {
        where: place,
        what: `The attached database "${name}" is ${path}, which does not exist.`,
        remedy: 'Correct the path under `attach`, or put the file there.',
      });
    try {
      await connection.run(`ATTACH ${quoted(path, "'")} AS ${quoted(name, '"')} (READ_ONLY)`);
    } catch (error) {
      throw openError(error, `${place}, attached "${name}"`);
    }
  }
}

/** Makes a temporary view over each file, with the types of a CSV's columns settled over the whole file. */
export async function createViews(
  connection: DuckDBConnection,
  views: Readonly<Record<string, string>>,
  place: string,
): Promise<void> {
  for (const [name, path] of Object.entries(views)) {
    if (!path.includes('*') && !existsSync(path))
      throw viewError(
        name,
        path,
        place,
        'which does not exist',
        'Correct the path under `views`, or put the file there.',
      );
    try {
      const source = await sourceOf(connection, path);
      if (source === undefined)
        throw viewError(
          name,
          path,
          place,
          'which is of no known kind',
          'Give a .csv, .tsv, .parquet, .json, .jsonl or .ndjson file, or one of these with .gz.',
        );
      await connection.run(`CREATE TEMP VIEW ${quoted(name, '"')} AS ${source}`);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      const { message } = rejectionOf(failure, '');
      throw viewError(
        name,
        path,
        place,
        `which cannot be read: ${message}`,
        'Correct the file: is it complete, and UTF-8?',
      );
    }
  }
}

function viewError(name: string, path: string, place: string, problem: string, remedy: string): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    where: place,
    what: `The view "${name}" reads ${path}, ${problem}.`,
    remedy,
  });
}

async function sourceOf(connection: DuckDBConnection, path: string): Promise<string | undefined> {
  const file = quoted(path, "'");
  switch (/\.(csv|tsv|parquet|jsonl?|ndjson)(\.gz)?$/i.exec(path)?.[1]?.toLowerCase()) {
    case 'csv':
    case 'tsv':
      return csvSource(connection, file);
    case 'parquet':
      return `FROM read_parquet(${file})`;
    case 'json':
    case 'jsonl':
    case 'ndjson':
      return `FROM read_json(${file}, sample_size = -1)`;
    default:
      return undefined;
  }
}

/**
 * Sniffing writes the call that reads the file with all its settings, so that each query needn't sniff
 * again. Of 04-09-2012 nobody can tell the day from the month, so only ISO 8601 makes dates and times.
 */
async function csvSource(connection: DuckDBConnection, file: string): Promise<string> {
  const sniff = async (more = ''): Promise<string> => {
    const options = `header = true, sample_size = -1, quote = '"', escape = '"', dateformat = '%Y-%m-%d'${more}`;
    const result = await connection.runAndReadAll(`SELECT Prompt FROM sniff_csv(${file}, ${options})`);
    return String(result.getRows()[0]?.[0]).replace(/;\s*$/, '');
  };
  const source = await sniff();
  return /timestampformat='(?!%Y)/.test(source) ? sniff(", timestampformat = 'iso8601'") : source;
}

function quoted(text: string, mark: '"' | "'"): string {
  return mark + text.replaceAll(mark, mark + mark) + mark;
}
