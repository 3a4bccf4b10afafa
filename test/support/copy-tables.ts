import { createReadStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { StagingDatabase } from './staging-databases.ts';

type Tables = Readonly<Record<string, string>>;

/** Tables of the sample, with their columns as PostgreSQL and MariaDB both take them. */
const ofSample: Tables = {
  opportunity: `opportunity_id varchar(64), account_id varchar(64), product varchar(64), stage varchar(64),
    amount numeric(18, 2), created_date date, close_date date`,
  invoice_line: `invoice_no varchar(16), stock_code varchar(16), description varchar(64), quantity integer,
    invoice_date timestamp, unit_price numeric(12, 3), customer_id varchar(16), country varchar(32)`,
  household: `id integer, year_birth integer, education varchar(16), marital_status varchar(16), income integer,
    kidhome integer, teenhome integer, dt_customer varchar(10), recency integer, mntwines integer, mntfruits integer,
    mntmeatproducts integer, mntfishproducts integer, mntsweetproducts integer, mntgoldprods integer,
    numdealspurchases integer, numwebpurchases integer, numcatalogpurchases integer, numstorepurchases integer`,
  member: `member_id varchar(16), join_date date, sponsor_id varchar(16)`,
  sales_transaction: `transaction_id varchar(32), member_id varchar(16), bought_at timestamp, product_json text,
    total_amt numeric(12, 2), paid_amt numeric(12, 2), discount numeric(12, 2), centre varchar(8), channel varchar(8)`,
};

/** Copies tables of the sample, and others that were made in it, into PostgreSQL, as CSV of DuckDB. */
export async function loadPostgres(source: StagingDatabase, sample: string, others: Tables = {}): Promise<void> {
  const { host, port, user, database } = serverOf(source);
  const client = new pg.Client({ host, port, user, database });
  await client.connect();
  for (const [table, columns] of Object.entries({ ...ofSample, ...others })) {
    await source.query(`create table ${table} (${columns})`);
    const csv = await asCsv(sample, table, '');
    await pipeline(createReadStream(csv), client.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT csv)`)));
  }
  await client.end();
}

/** Copies tables of the sample, and others that were made in it, into MariaDB, as CSV of DuckDB. */
export async function loadMysql(source: StagingDatabase, sample: string, others: Tables = {}): Promise<void> {
  const client = await createConnection(serverOf(source));
  for (const [table, columns] of Object.entries({ ...ofSample, ...others })) {
    // A timestamp of MariaDB moves with the session's time zone, a datetime doesn't.
    await source.query(`create table ${table} (${columns.replace('timestamp', 'datetime')})`);
    const csv = await asCsv(sample, table, String.raw`\N`);
    const sql = `LOAD DATA LOCAL INFILE 'csv' INTO TABLE ${table} FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"'`;
    await client.query({ sql, infileStreamFactory: () => createReadStream(csv) });
  }
  await client.end();
}

async function asCsv(sample: string, table: string, nullText: string): Promise<string> {
  const csv = join(mkdtempSync(join(tmpdir(), 'segtag-copy-')), `${table}.csv`);
  const instance = await DuckDBInstance.create(sample, { access_mode: 'READ_ONLY' });
  const duckdb = await instance.connect();
  await duckdb.run(`COPY ${table} TO '${csv}' (HEADER false, NULLSTR '${nullText}')`);
  duckdb.closeSync();
  instance.closeSync();
  return csv;
}

type Server = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
};

function serverOf(source: StagingDatabase): Server {
  const { host, port, user, password, database } = source.connection.config as Server;
  return { host, port, user, database, ...(password === undefined ? {} : { password }) };
}
