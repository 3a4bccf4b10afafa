import * as z from 'zod';
import { metricsSchema, smtpSchema } from './schema/notify.ts';

/**
 * A secret is written as a reference, `"${env:NAME}"` or `"${file:/run/secrets/name}"`, and
 * resolved after the YAML is parsed, so that its text can never change the shape of the file.
 */
const secret = z
  .string()
  .min(1)
  .describe('A reference: "${env:NAME}" or "${file:/run/secrets/name}"; never the password itself');

/** The settings that are secrets: never literal in the file, never shown. */
export const secretKeys = ['password', 'oauth_access_token'] as const;

const tls = z
  .enum(['disable', 'require', 'verify-ca', 'verify-full'])
  .describe('require encrypts; verify-ca also checks the certificate; verify-full also the host name');

const server = {
  host: z.string().min(1).describe('Name or address of the server'),
  database: z.string().min(1).describe('Name of the database on the server'),
  user: z.string().min(1).describe('Name to log in with'),
  password: secret.optional(),
  tls: tls.default('disable'),
  ca: z.string().optional().describe('Path of a PEM file with the certificate authority'),
  cert: z.string().optional().describe('Path of the client certificate, PEM'),
  key: z.string().optional().describe('Path of the client key, PEM'),
  connect_timeout_seconds: z.number().positive().default(10).describe('Give up connecting after this time'),
};
const port = z.int().min(1).max(65535).describe('Port of the server');
const searchPath = z.array(z.string()).describe('Schemas in which unqualified table names are looked up');

const hostAndPort = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[^\s:/[\]]+)(:\d{1,5})?$/i)
  .describe('host or host:port; an IPv6 address stands in brackets');

const vertica = z.strictObject({
  client: z.literal('vertica').describe('Vertica'),
  ...server,
  port: port.default(5433),
  oauth_access_token: secret.optional().describe('A reference to an OAuth access token, in place of a password'),
  backup_hosts: z.array(hostAndPort).optional().describe('Other nodes of the database, tried in order when host fails'),
  load_balance: z
    .boolean()
    .optional()
    .describe('Start at any of host and backup_hosts, by chance, instead of at host; off by default'),
  search_path: searchPath.optional(),
});

const postgres = z.strictObject({
  client: z.literal('postgres').describe('PostgreSQL or Redshift'),
  ...server,
  port: port.default(5432),
  search_path: searchPath.optional(),
});

const mysql = z.strictObject({
  client: z.literal('mysql').describe('MySQL or MariaDB'),
  ...server,
  port: port.default(3306),
});

const duckdb = z.strictObject({
  client: z.literal('duckdb').describe('Files, as a warehouse'),
  file: z.string().default(':memory:').describe('Path of the database, relative to the project folder'),
  views: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe('View name to a CSV, Parquet or JSON file (also .gz), relative to the project folder'),
  attach: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .describe('Name to another DuckDB file, relative to the project folder; its tables are read as name.table'),
  build: z
    .string()
    .optional()
    .describe('A folder of SQL files, run once in order of their names when the database file is absent'),
  memory_limit: z.string().optional().describe('Such as 4GB'),
  threads: z.int().min(1).optional().describe('Threads that a query may use'),
});

const sqlite = z.strictObject({
  client: z.literal('sqlite').describe('A file, as a CRM'),
  file: z.string().min(1).describe('Path of the database, relative to the project folder'),
});

export const connectionSchema = z.discriminatedUnion('client', [vertica, postgres, mysql, duckdb, sqlite]);

export const connectionsSchema = z.strictObject({
  default: z.string().min(1).describe('The target used without --target'),
  targets: z
    .record(
      z.string().min(1),
      z.strictObject({
        as_of: z.iso.date().optional().describe('Pins :as_of, so that a sample gives the same result next month'),
        connections: z
          .record(z.string().min(1), connectionSchema)
          .describe('Connections by the names that job files use'),
        smtp: smtpSchema.optional().describe('The mail server of alerts that go by email'),
        metrics: metricsSchema.optional().describe('Where metrics in Prometheus text form go after each run'),
      }),
    )
    .describe('Sets of connections: sample, dev, prod; chosen with --target'),
});

export type Connection = z.output<typeof connectionSchema>;
export type VerticaConnection = Extract<Connection, { client: 'vertica' }>;
export type PostgresConnection = Extract<Connection, { client: 'postgres' }>;
export type MysqlConnection = Extract<Connection, { client: 'mysql' }>;
export type DuckdbConnection = Extract<Connection, { client: 'duckdb' }>;
export type SqliteConnection = Extract<Connection, { client: 'sqlite' }>;

/** A connection with its name, its secrets filled in and its paths absolute. */
export type ResolvedConnection<Config extends Connection = Connection> = {
  readonly name: string;
  readonly target: string;
  readonly config: Config;
};
