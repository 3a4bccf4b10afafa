import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { sharedData } from './project.ts';
import type { Row } from './staging-databases.ts';

type Lists = Readonly<Record<string, readonly unknown[]>>;

const excluded = `(product IN ('POST', 'DOT', 'D', 'M', 'S', 'B', 'C2', 'CRUK', 'PADS', 'AMAZONFEE', 'BANK CHARGES')
  OR product LIKE 'gift\\_%' ESCAPE '\\')`;

/**
 * The invoices of Online Retail in DuckDB, with the segments of a night: what should be recommended is
 * reckoned here in SQL, from the lines alone.
 */
export async function openShop(tags: readonly Row[]) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rowsOf = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJS();
  const file = join(sharedData, 'online-retail', 'online_retail.csv.gz');
  const segments = tags.map(({ customer_id: id, segment }) => `('${String(id)}', '${String(segment)}')`);
  await connection.run(`
    CREATE TABLE online_retail AS SELECT * FROM read_csv('${file}');
    CREATE TABLE line AS SELECT InvoiceNo AS invoice, StockCode AS product, Quantity AS quantity,
      CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer, Quantity > 0 AND UnitPrice > 0 AS sold
      FROM online_retail WHERE CustomerID IS NOT NULL;
    CREATE TABLE tag(customer VARCHAR, segment VARCHAR);
    ${segments.length > 0 ? `INSERT INTO tag VALUES ${segments.join(', ')};` : ''}
    CREATE TABLE owned AS SELECT customer, product, segment FROM line JOIN tag USING (customer)
      WHERE NOT ${excluded} GROUP BY ALL HAVING SUM(quantity) > 0 AND BOOL_OR(sold)`);

  return {
    close: () => connection.closeSync(),

    /** Products by units, as the project's own purchases.sql sums them once it is told to take lines without a customer too. */
    async bestSellers(): Promise<unknown[][]> {
      const purchases = readFileSync('test/projects/retail/sql/retail/purchases.sql', 'utf8');
      const rows = await rowsOf(`SELECT product_id, SUM(units) AS units
        FROM (${purchases.replace('WHERE CustomerID IS NOT NULL', '')}) GROUP BY product_id ORDER BY units DESC LIMIT 5`);
      return rows.map(([product, units]) => [product, Number(units)]);
    },

    async typicalOfSegments(): Promise<Lists> {
      const rows = await rowsOf(`
        WITH here AS (SELECT segment, product, COUNT(*) AS n FROM owned GROUP BY ALL HAVING COUNT(*) >= 5),
        overall AS (SELECT product, COUNT(*) AS n FROM owned GROUP BY ALL),
        size AS (SELECT segment, COUNT(*) AS n FROM tag GROUP BY ALL)
        SELECT segment, product, here.n * (SELECT COUNT(*) FROM tag) / (size.n * overall.n) * here.n / (here.n + 20) AS score
        FROM here JOIN overall USING (product) JOIN size USING (segment)
        QUALIFY row_number() OVER (PARTITION BY segment ORDER BY score DESC, here.n DESC, product) <= 10
        ORDER BY segment, score DESC, here.n DESC, product`);
      return listed(rows.map(([subject, product, score]) => [subject, [product, near(score)]]));
    },

    /** The scores by rule of customers whose id ends like this, best first. */
    async offersTo(ending: string): Promise<Lists> {
      const rows = await rowsOf(`
        WITH bought AS (SELECT DISTINCT invoice, product FROM line WHERE sold),
        orders AS (SELECT COUNT(DISTINCT invoice) AS n FROM bought),
        item AS (SELECT product, COUNT(*) AS n FROM bought WHERE NOT ${excluded} GROUP BY ALL),
        pair AS (SELECT x.product AS a, y.product AS b, COUNT(*) AS n FROM bought x JOIN bought y USING (invoice)
          WHERE x.product <> y.product GROUP BY ALL),
        rule AS (SELECT a, b, pair.n * orders.n / (ia.n * ib.n) AS lift, pair.n FROM pair, orders, item ia, item ib
          WHERE ia.product = a AND ib.product = b AND pair.n >= GREATEST(5, 0.001 * orders.n)),
        offer AS (SELECT customer, b, SUM(lift * n / (n + 20)) AS score FROM owned JOIN rule ON a = product
          WHERE lift > 1 AND customer LIKE '%${ending}' GROUP BY ALL)
        SELECT customer, score FROM offer ANTI JOIN owned ON owned.customer = offer.customer AND owned.product = offer.b
        QUALIFY row_number() OVER (PARTITION BY customer ORDER BY score DESC) <= 3 ORDER BY customer, score DESC`);
      return listed(rows.map(([subject, score]) => [subject, near(score)]));
    },

    /** What a night has published, in the same shape; of customers, those who are offered something by rules only. */
    lists(kind: 'customer' | 'segment', published: readonly Row[], ending = ''): Lists {
      const rows = published.filter(
        (row) =>
          row.subject_kind === kind &&
          String(row.subject_id).endsWith(ending) &&
          (kind === 'segment' || String(row.reason).startsWith('bought with')),
      );
      return listed(
        rows.map(({ subject_id: subject, product_id: product, score }) => [
          subject,
          kind === 'segment' ? [product, score] : score,
        ]),
      );
    },
  };
}

function near(score: unknown): unknown {
  return expect.closeTo(Number(score), 5);
}

function listed(rows: readonly (readonly [subject: unknown, entry: unknown])[]): Lists {
  const lists: Record<string, unknown[]> = {};
  for (const [subject, entry] of rows) (lists[String(subject)] ??= []).push(entry);
  return lists;
}
