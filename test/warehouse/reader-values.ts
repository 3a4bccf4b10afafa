import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TestEngine } from './engines.ts';
import { failureOf, readOnce, readSql, rowsOf, valuesOf, withWarehouse } from './reading.ts';

const asDecimal = (texts: readonly string[], type: string): string[] =>
  texts.map((text) => `CAST('${text}' AS ${type})`);

/** Numbers, and ids made of them. */
export function describeNumbers(engine: TestEngine): void {
  const { it, double } = engine;

  it.each(['NUMERIC(4,2)', 'NUMERIC(9,3)', 'NUMERIC(18,4)', 'NUMERIC(38,9)', 'NUMERIC(38,0)'])(
    'reads %s as the number that its decimal spelling stands for',
    async (type) => {
      const [width, scale] = (/\((\d+),(\d+)\)/.exec(type)?.slice(1) ?? []).map(Number) as [number, number];
      const limit = 10n ** BigInt(Math.min(width, scale + 15)) - 1n;
      const texts = fc.bigInt({ min: -limit, max: limit }).map((scaled) => spelled(scaled, scale));
      await withWarehouse(engine, (warehouse) =>
        fc.assert(
          fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 50 }), async (decimals) => {
            const frame = await readSql(warehouse, rowsOf(asDecimal(decimals, type)));
            expect(valuesOf(frame, 'x')).toEqual(decimals.map((text) => Number(text) + 0));
          }),
          { numRuns: 10 },
        ),
      );
    },
  );

  it('reads integers up to 2^53 - 1 and refuses larger ones without showing them', async () => {
    const limit = 9007199254740991n;
    const frame = await readOnce(engine, rowsOf([limit, -limit, 0n].map((value) => `CAST(${value} AS BIGINT)`)));
    expect(valuesOf(frame, 'x')).toEqual([9007199254740991, -9007199254740991, 0]);
    for (const value of [limit + 2n, -limit - 2n]) {
      const error = await failureOf(readOnce(engine, `SELECT CAST(${value} AS BIGINT) AS x`));
      expect(error.code).toBe('E_COLUMN_VALUE');
      expect(error.message).toContain('Column "x"');
      expect(inspect(error)).not.toContain('9007199254740993');
    }
  });

  it('refuses a decimal whose whole part a number cannot hold', async () => {
    const error = await failureOf(readOnce(engine, `SELECT CAST('12345678901234567890.5' AS NUMERIC(38,9)) AS x`));
    expect(error.code).toBe('E_COLUMN_VALUE');
  });

  it('reads a sum of integers as a number, whatever wider type the engine gives it', async () => {
    const frame = await readOnce(engine, `SELECT SUM(i) AS x, COUNT(*) AS n FROM ${engine.series(1001)}`);
    expect([valuesOf(frame, 'x'), valuesOf(frame, 'n')]).toEqual([[500500], [1001]]);
  });

  it('reads doubles bit for bit, as far as the server sends them', async () => {
    const exact = [0.1, -2.5, 1e-300, 17850];
    const values = engine.doubleDigits === undefined ? [...exact, 1 / 3, 1.7976931348623157e308] : exact;
    const frame = await readOnce(engine, rowsOf(values.map((value) => `CAST('${value}' AS ${double})`)));
    expect(valuesOf(frame, 'x')).toEqual(values);
  });

  it('reads infinities and NaN as what they are, where the engine has them', async () => {
    if (engine.infinities === false) return;
    const values = ['Infinity', '-Infinity', 'NaN'];
    const frame = await readOnce(engine, rowsOf(values.map((value) => `CAST('${value}' AS ${double})`)));
    expect(valuesOf(frame, 'x')).toEqual([Infinity, -Infinity, Number.NaN]);
    expect(frame.columns.get('x')?.nulls).toBeUndefined();
  });

  it('reads negative zero as zero, so that all engines give the same bytes', async () => {
    const sql = rowsOf([`CAST('-0' AS ${double})`, `-CAST(0 AS ${double})`, `CAST('-0.00' AS NUMERIC(9,2))`]);
    expect(valuesOf(await readOnce(engine, sql), 'x')).toEqual([0, 0, 0]);
    expect(valuesOf(await readOnce(engine, sql, { idColumn: 'x' }), 'x')).toEqual(['0', '0', '0']);
  });

  it('spells ids of every numeric type exactly and as short as possible', async () => {
    const spellings: readonly [string, string][] = [
      ['CAST(9007199254740993 AS BIGINT)', '9007199254740993'],
      ['CAST(-7 AS INTEGER)', '-7'],
      ["CAST('17850.00' AS NUMERIC(10,2))", '17850'],
      ["CAST('17850.50' AS NUMERIC(10,2))", '17850.5'],
      ["CAST('100' AS NUMERIC(38,0))", '100'],
      ["CAST('12345678901234567890123.450' AS NUMERIC(38,3))", '12345678901234567890123.45'],
      [`CAST('17850' AS ${double})`, '17850'],
      [`CAST('0.1' AS ${double})`, '0.1'],
      [`CAST('1e15' AS ${double})`, '1000000000000000'],
    ];
    for (const [expression, expected] of spellings) {
      const frame = await readOnce(engine, `SELECT ${expression} AS customer_id`, { idColumn: 'customer_id' });
      expect(valuesOf(frame, 'customer_id')).toEqual([expected]);
    }
  });

  it('marks nulls of every kind, and only these', async () => {
    const frame = await readOnce(
      engine,
      `SELECT CAST(i AS INTEGER) AS present,
        CASE WHEN i = 1 THEN CAST(i AS BIGINT) END AS number, CASE WHEN i = 1 THEN CAST('1.5' AS NUMERIC(38,2)) END AS money,
        CASE WHEN i = 1 THEN DATE '2024-01-02' END AS day, CASE WHEN i = 1 THEN TIMESTAMP '2024-01-02 03:04:05' END AS moment,
        CASE WHEN i = 1 THEN 1 = 1 END AS flag, CASE WHEN i = 1 THEN 'a' END AS word, CASE WHEN i = 1 THEN 'A1' END AS id
      FROM ${engine.series(3)} ORDER BY i`,
      { idColumn: 'id' },
    );
    const one = {
      number: 1,
      money: 1.5,
      day: '2024-01-02',
      moment: '2024-01-02 03:04:05',
      flag: true,
      word: 'a',
      id: 'A1',
    };
    for (const [name, value] of Object.entries(one))
      expect([name, valuesOf(frame, name)]).toEqual([name, [null, value, null]]);
    expect(frame.columns.get('present')?.nulls).toBeUndefined();
  });
}

function spelled(scaled: bigint, scale: number): string {
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${scaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

/** Dates and times. */
export function describeCalendar(engine: TestEngine): void {
  const { it } = engine;

  it('reads dates that do not move in any time zone', async () => {
    const days = ['1969-12-31', '1970-01-01', '2024-02-29', '2024-03-10', '2024-11-03', '0001-01-01', '9999-12-31'];
    const frame = await readOnce(engine, rowsOf(days.map((day) => `DATE '${day}'`)));
    expect(frame.columns.get('x')?.kind).toBe('day');
    expect(valuesOf(frame, 'x')).toEqual(days);
  });

  it('reads zoneless times as they are, also those that clocks skip or repeat', async () => {
    const times = [
      '2024-03-10 02:30:00',
      '2024-11-03 01:30:00',
      '2024-03-31 01:30:00',
      '2024-01-01 00:00:00.123456',
      '1969-12-31 23:59:59.5',
      '0001-01-01 00:00:00',
      '9999-12-31 23:59:59.999999',
    ];
    const frame = await readOnce(engine, rowsOf(times.map((time) => `TIMESTAMP '${time}'`)));
    expect(frame.columns.get('x')?.kind).toBe('timestamp');
    expect(valuesOf(frame, 'x')).toEqual(times);
  });

  it('spells dates and times as ids', async () => {
    const frame = await readOnce(engine, "SELECT DATE '2024-03-10' AS id", { idColumn: 'id' });
    expect(valuesOf(frame, 'id')).toEqual(['2024-03-10']);
    const moment = await readOnce(engine, "SELECT TIMESTAMP '2024-03-10 02:30:00.5' AS id", { idColumn: 'id' });
    expect(valuesOf(moment, 'id')).toEqual(['2024-03-10 02:30:00.5']);
  });

  it('refuses an instant and says how to give it a time zone', async () => {
    const sql = "SELECT CAST('2024-01-01 00:00:00+00' AS TIMESTAMP WITH TIME ZONE) AS seen";
    const error = await failureOf(readOnce(engine, sql));
    expect(error.code).toBe('E_COLUMN_VALUE');
    expect(error.message).toContain('Column "seen"');
    expect(error.remedy).toContain('AT TIME ZONE');
  });
}

/** Texts, ids and booleans. */
export function describeTexts(engine: TestEngine): void {
  const { it } = engine;
  const words = [
    '',
    ' ',
    "O'Brien",
    'Łódź',
    '東京',
    '👩‍👩‍👧',
    '👍🏽',
    'שלום',
    'مرحبا \u202Babc\u202C',
    'e\u0301',
    'é',
    'twelve bytes',
    'thirteen byte',
    '"quoted"',
    'back\\slash',
    'a\nb\tc',
  ];
  const literals = words.map((word) => `'${word.replaceAll("'", "''")}'`);

  it('keeps text as it is, and the empty string apart from null', async () => {
    const frame = await readOnce(engine, rowsOf([...literals, 'NULL', ...literals]));
    expect(valuesOf(frame, 'x')).toEqual([...words, null, ...words]);
    expect(frame.columns.get('x')).toMatchObject({ kind: 'text', dictionary: words });
  });

  it('keeps ids as they are, also spaces and leading zeros', async () => {
    const frame = await readOnce(engine, rowsOf([...literals, "'007'", "' 7 '", 'NULL']), { idColumn: 'x' });
    expect(valuesOf(frame, 'x')).toEqual([...words, '007', ' 7 ', null]);
  });

  it('keeps keys apart that a lenient comparison would merge: blanks at the end, case, accents, normal forms', async () => {
    const keys = ['A1', 'A1 ', 'A1  ', ' A1', 'a1', 'Ä', 'ä', 'A', 'A\u0308', 'ß', 'ss', 'ı', 'i', 'A1\u00A0'];
    const sql = rowsOf(keys.map((key) => `'${key}'`));
    expect(valuesOf(await readOnce(engine, sql, { idColumn: 'x' }), 'x')).toEqual(keys);
    expect((await readOnce(engine, sql)).columns.get('x')).toMatchObject({ kind: 'text', dictionary: keys });
  });

  it('reads a UUID as text', async () => {
    const id = '8d7e1f3c-0b7c-4d8e-9f70-1b2c3d4e5f60';
    const frame = await readOnce(engine, `SELECT CAST('${id}' AS ${engine.uuid}) AS id`, { idColumn: 'id' });
    expect(valuesOf(frame, 'id')).toEqual([id]);
  });

  it('reads booleans', async () => {
    const frame = await readOnce(engine, rowsOf(['1 = 1', '1 = 2', 'CAST(NULL AS BOOLEAN)']));
    expect(valuesOf(frame, 'x')).toEqual([true, false, null]);
  });

  it('reads many different and many equal texts over many chunks', async () => {
    const sql = `SELECT ${engine.digits('i')} AS id, ${engine.digits('i')} AS many, ${engine.digits('MOD(i, 7)')} AS few
      FROM ${engine.series(50_000)} ORDER BY i`;
    const frame = await readOnce(engine, sql, { idColumn: 'id' });
    const numbers = Array.from({ length: 50_000 }, (_, i) => i);
    expect(valuesOf(frame, 'id')).toEqual(numbers.map(String));
    expect(valuesOf(frame, 'many')).toEqual(numbers.map(String));
    expect(valuesOf(frame, 'few')).toEqual(numbers.map((i) => String(i % 7)));
  });
}
