import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../src/job/hash.ts';
import { scoresWriter } from '../../../src/pipeline/stages/scores-text.ts';

const name = fc.oneof(
  fc.constantFrom('a', 'b', '10', '9', 'rule_tag', 'é', '"'),
  fc.string({ minLength: 1, maxLength: 4 }),
);
const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -0, 0, 1e21, 0.1));

it('scores are the canonical JSON of columns, what the method adds, and the plain rule, in this order of weight', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { maxLength: 5 }).chain((names) =>
        fc.record({
          columns: fc.tuple(
            ...names.map((column) => fc.tuple(fc.constant(column), fc.array(value, { minLength: 3, maxLength: 3 }))),
          ),
          own: fc.array(
            fc.dictionary(name, fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()), {
              noNullPrototype: true,
              maxKeys: 3,
            }),
            { minLength: 3, maxLength: 3 },
          ),
          rule: fc.option(fc.string()),
        }),
      ),
      ({ columns, own, rule }) => {
        const write = scoresWriter({
          columns: columns.map(([column, values]) => ({ name: column, values: Float64Array.from(values) })),
          scoresOf: (row) => own[row]!,
          compared: rule === null ? null : ({ ruleTagOf: () => rule } as never),
        });
        for (const row of [0, 1, 2, 0]) {
          const numbers = columns.map(([column, values]) => [
            column,
            Number.isFinite(values[row]) ? values[row] : null,
          ]);
          const whole = { ...Object.fromEntries(numbers), ...own[row], ...(rule === null ? {} : { rule_tag: rule }) };
          expect(write(row)).toBe(canonicalJson(whole));
        }
      },
    ),
  );
});
