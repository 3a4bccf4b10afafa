import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/analysis/recommend/catalogue.ts';
import { ownedRows } from '../../../src/analysis/recommend/purchases.ts';
import { similarCustomers } from '../../../src/analysis/recommend/similar.ts';
import { idColumn } from '../../../src/frame/id.ts';
import { openUsualLines } from '../../support/shoppers-notebook.ts';
import { itWithData } from '../../support/project.ts';
import { purchaseColumns } from './columns.ts';

type Orders = readonly (readonly [customer: string, product: string, orders: number, units?: number])[];

/** The customers most like one, as `id cosine shared`. */
function likest(id: string, rows: Orders, { most = 10, exclude = [] as readonly string[] } = {}) {
  const ids = [...new Set(rows.map(([customer]) => customer))].toSorted();
  const columns = purchaseColumns(rows);
  const owned = ownedRows(columns, idColumn(ids), catalogueOf([columns.productId.dictionary], exclude));
  const asked = { customer: ids.indexOf(id), customerCount: ids.length, most };
  return similarCustomers(owned, columns.orders.values, asked).map(({ customer, cosine, shared }) => ({
    id: ids[customer]!,
    cosine,
    shared,
  }));
}

describe('the customers most like one', () => {
  it('are those who order the same in the same proportions, however much they order', () => {
    const rows: Orders = [
      ['ada', 'tea', 1],
      ['ada', 'cup', 2],
      ['ben', 'tea', 3],
      ['ben', 'cup', 6],
      ['cleo', 'tea', 5],
      ['dan', 'wine', 9],
    ];
    const found = likest('ada', rows);
    expect(found.map(({ id, shared }) => `${id} ${shared}`)).toEqual(['ben 2', 'cleo 1']);
    expect(found[0]!.cosine).toBeCloseTo(1, 12);
    expect(found[1]!.cosine).toBeCloseTo(1 / Math.sqrt(5), 12);
  });

  it('are not found by what was sent back, nor by excluded products', () => {
    const rows: Orders = [
      ['ada', 'tea', 1],
      ['ada', 'POST', 4],
      ['ben', 'tea', 1, 0],
      ['cleo', 'POST', 4],
      ['dan', 'tea', 2],
    ];
    expect(likest('ada', rows, { exclude: ['POST'] }).map(({ id }) => id)).toEqual(['dan']);
  });

  it('are ranked by the cosine counted the slow way, ties by what is shared and then by id', () => {
    const cell = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('p', 'q', 'r', 's'), fc.nat(4));
    fc.assert(
      fc.property(
        fc.uniqueArray(cell, { selector: ([customer, product]) => customer + product, minLength: 1 }),
        (all) => {
          const rows = all.map(([customer, product, orders]) => [customer, product, orders] as const);
          const id = rows[0]![0];
          const of = (customer: string): number[] =>
            ['p', 'q', 'r', 's'].map((product) => rows.find(([c, p]) => c === customer && p === product)?.[2] ?? 0);
          const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
          const expected = [...new Set(rows.map(([customer]) => customer))]
            .filter((other) => other !== id && dot(of(id), of(other)) > 0)
            .map((other) => ({
              id: other,
              cosine: dot(of(id), of(other)) / Math.sqrt(dot(of(id), of(id)) * dot(of(other), of(other))),
              shared: of(id).filter((value, i) => value > 0 && of(other)[i]! > 0).length,
            }))
            .toSorted((x, y) => y.cosine - x.cosine || y.shared - x.shared || (x.id < y.id ? -1 : 1));
          expect(likest(id, rows, { most: 3 })).toEqual(expected.slice(0, 3));
        },
      ),
    );
  });

  itWithData('online-retail')('have the cosines that the notebook before the shoppers job found', async () => {
    const { shop } = await openUsualLines();
    const lines = await shop.rows(`SELECT customer_id, stock_code, COUNT(*) AS lines FROM usual GROUP BY ALL`);
    shop.close();
    const rows = lines.map(({ customer_id: id, stock_code: product, lines: count }) => {
      return [String(id), String(product), Number(count)] as const;
    });
    const near = new Map(likest('12347', rows, { most: rows.length }).map(({ id, cosine }) => [id, cosine.toFixed(6)]));
    expect([near.get('12348'), near.get('18280')]).toEqual(['0.059339', '0.145350']);
  });
});
