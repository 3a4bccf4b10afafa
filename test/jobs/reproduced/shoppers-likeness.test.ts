import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itWithData } from '../../support/project.ts';
import { openUsualLines } from '../../support/shoppers-notebook.ts';
import type { Tables } from '../../support/tables.ts';

const withData = itWithData('online-retail');

describe('the likeness of customers in the notebook before the shoppers job', () => {
  let shop: Tables;

  beforeAll(async () => {
    if (withData === it) ({ shop } = await openUsualLines());
  });
  afterAll(() => shop?.close());

  /** The cosine of the counts of lines per product. */
  const likeness = (customer: string): string => `
    WITH bought AS (SELECT customer_id, stock_code, COUNT(*) AS lines FROM usual GROUP BY ALL),
    long AS (SELECT customer_id, SQRT(SUM(lines * lines)) AS length FROM bought GROUP BY customer_id)
    SELECT other.customer_id, SUM(own.lines * other.lines) / ANY_VALUE(mine.length * theirs.length) AS cosine
    FROM bought AS own JOIN bought AS other USING (stock_code)
      JOIN long AS mine ON mine.customer_id = own.customer_id JOIN long AS theirs ON theirs.customer_id = other.customer_id
    WHERE own.customer_id = '${customer}' AND other.customer_id <> own.customer_id
    GROUP BY other.customer_id`;

  withData('is the cosine of their lines of 3,502 products', async () => {
    expect(await shop.one('SELECT COUNT(DISTINCT stock_code) AS products FROM usual')).toEqual({ products: 3502 });
    const near12347 = await shop.rows(`SELECT * FROM (${likeness('12347')}) WHERE customer_id IN ('12348', '18280')
      ORDER BY customer_id`);
    expect(near12347.map(({ cosine }) => Number(cosine).toFixed(6))).toEqual(['0.059339', '0.145350']);
  });

  withData('offers what the ten customers most like 17908 bought, whether 17908 has it already or not', async () => {
    await shop.run(`CREATE TABLE liked AS SELECT stock_code, COUNT(*) AS lines FROM usual WHERE customer_id IN
      (SELECT customer_id FROM (${likeness('17908')}) ORDER BY cosine DESC LIMIT 10) GROUP BY stock_code`);
    const top = await shop.rows('SELECT * FROM liked WHERE lines >= 21 ORDER BY lines DESC, stock_code');
    expect(top.map(({ stock_code, lines }) => `${stock_code} ${lines}`)).toEqual([
      '85099B 56',
      '21931 31',
      '22386 30',
      '85099F 30',
      '21928 29',
      '23203 26',
      '20724 22',
      '20723 21',
      '21929 21',
      '85099C 21',
      '85123A 21',
    ]);
    const [first] = await shop.rows(`SELECT stock_code FROM liked SEMI JOIN usual
      ON usual.stock_code = liked.stock_code AND customer_id = '17908' ORDER BY lines DESC`);
    expect(first!.stock_code).toBe('85099B');
  });

  withData(
    'makes four groups of one size: whoever is most like all others with the quarter nearest, again and again',
    async () => {
      await shop.run(`CREATE TABLE direction AS SELECT customer_id, stock_code,
      COUNT(*) / SQRT(SUM(COUNT(*) * COUNT(*)) OVER (PARTITION BY customer_id)) AS part
      FROM usual GROUP BY customer_id, stock_code`);
      await shop.run('CREATE TABLE grouped AS SELECT customer_id, 0 AS place FROM usual LIMIT 0');
      const quarter = Math.floor(4214 / 4);
      for (let place = 1; place <= 4; place++)
        await shop.run(`INSERT INTO grouped
        WITH rest AS (FROM direction ANTI JOIN grouped USING (customer_id)),
        whole AS (SELECT stock_code, SUM(part) AS part FROM rest GROUP BY stock_code),
        middle AS (SELECT customer_id FROM rest JOIN whole USING (stock_code)
          GROUP BY customer_id ORDER BY SUM(rest.part * whole.part) DESC, customer_id LIMIT 1),
        near AS (SELECT rest.customer_id, COALESCE(SUM(rest.part * own.part), 0) AS cosine FROM rest
          LEFT JOIN (FROM rest SEMI JOIN middle USING (customer_id)) AS own USING (stock_code)
          GROUP BY rest.customer_id)
        SELECT customer_id, ${place} FROM near ORDER BY cosine DESC, customer_id LIMIT ${quarter + 1}`);
      // The mean cosine of two members is the square of the sum of their directions, without each with itself.
      const groups = await shop.rows(`
      WITH summed AS (SELECT place, SUM(part) AS part FROM direction JOIN grouped USING (customer_id)
        GROUP BY place, stock_code),
      size AS (SELECT place, COUNT(*) AS n FROM grouped GROUP BY place)
      SELECT place, ANY_VALUE(n) AS n, (SUM(part * part) - ANY_VALUE(n)) / ANY_VALUE(n * (n - 1)) AS cosine
      FROM summed JOIN size USING (place) GROUP BY place ORDER BY place`);
      expect(groups.map(({ n }) => n)).toEqual([1054, 1054, 1054, 1052]);
      const likeness = groups.map(({ cosine }) => Number(cosine));
      expect(likeness).toEqual(likeness.toSorted((a, b) => b - a));
      // The last are those who are like nobody.
      expect(likeness[0]! / likeness[3]!).toBeGreaterThan(5);
    },
  );
});
