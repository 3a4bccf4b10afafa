import { quantile, sortedCopy } from '../../src/analysis/quantile.ts';
import { createInvoiceLine } from './retail.ts';
import { openTables, type Tables } from './tables.ts';

/** The most units and the highest price of a line that the notebook before the shoppers job kept. */
export type Limits = { readonly quantity: number; readonly price: number };

/** Its cleaning up to the lines whose percentiles it cut at. */
const cleaning = `
  CREATE TABLE known AS SELECT * EXCLUDE (description) FROM invoice_line WHERE customer_id IS NOT NULL;
  CREATE TABLE once AS SELECT DISTINCT * FROM known;
  CREATE TABLE sold AS SELECT * FROM once WHERE quantity > 0 AND unit_price > 0`;

/** The lines after each step of its cleaning: invoice_line, known, once, sold and usual. */
export async function openUsualLines(): Promise<{ readonly shop: Tables; readonly limits: Limits }> {
  const shop = await openTables(createInvoiceLine, cleaning);
  const [quantity, price] = await shop.columns('SELECT quantity, unit_price::DOUBLE AS price FROM sold');
  const limits = {
    quantity: quantile(sortedCopy(quantity!.values), 0.95),
    price: quantile(sortedCopy(price!.values), 0.95),
  };
  await shop.run(`CREATE TABLE usual AS SELECT * FROM sold
    WHERE quantity <= ${limits.quantity} AND unit_price <= ${limits.price}`);
  return { shop, limits };
}
