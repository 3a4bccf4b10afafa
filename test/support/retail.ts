import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { sharedData } from './project.ts';

/** Where the lines of a real online shop stand, with what others found in them. */
export const retail = join(sharedData, 'online-retail');
const linesFile = join(retail, 'online_retail.csv.gz');

/** Makes a table of the shop's lines, under the names that the bundled jobs have for them. */
export const createInvoiceLine = `CREATE TABLE invoice_line AS
    SELECT InvoiceNo AS invoice_no, StockCode AS stock_code, Description AS description, Quantity AS quantity,
      InvoiceDate AS invoice_date, CAST(UnitPrice AS DECIMAL(18, 4)) AS unit_price,
      CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer_id, Country AS country
    FROM read_csv('${linesFile}', types = {'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'})`;

/** The shop's lines in a database of their own. */
export async function retailWarehouse(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'segtag-retail-')), 'retail.duckdb');
  const instance = await DuckDBInstance.create(file);
  const duckdb = await instance.connect();
  await duckdb.run(createInvoiceLine);
  duckdb.closeSync();
  instance.closeSync();
  return file;
}

export type InvoiceLine = {
  readonly invoice: string;
  readonly product: string;
  readonly quantity: number;
  readonly date: string;
  readonly price: number;
  readonly customer: string;
  readonly country: string;
};

/** The same lines read without a database; each is written once even where the file repeats it. */
export function distinctLines(): InvoiceLine[] {
  const [, ...lines] = gunzipSync(readFileSync(linesFile)).toString().trimEnd().split('\n');
  const withoutDescription = /^([^,]*),([^,]*),(?:"(?:[^"]|"")*"|[^,]*),([^,]*),([^,]*),([^,]*),([^,]*),(.*)$/;
  const seen = new Set<string>();
  return lines.flatMap((line) => {
    const [, ...cells] = withoutDescription.exec(line) ?? [];
    const key = cells.join('|');
    if (seen.has(key)) return [];
    seen.add(key);
    const [invoice = '', product = '', quantity, date = '', price, customer = '', country = ''] = cells;
    return [
      {
        invoice,
        product,
        quantity: Number(quantity),
        date,
        price: Number(price),
        customer: customer.replace(/\.0$/, ''),
        country,
      },
    ];
  });
}
