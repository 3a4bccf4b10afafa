import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checkYaml } from '../../../src/job/check-yaml.ts';
import { labelConditionField, rowPredicateField } from '../../../src/job/expression/field.ts';
import { readYaml } from '../../../src/job/yaml-text.ts';

const schema = z.strictObject({ guard: rowPredicateField, when: labelConditionField });
const words = { unsupported: [], advice: {}, otherKeys: {}, otherValues: {} };

function check(text: string) {
  return checkYaml(readYaml({ file: 'x.yaml', text, shown: text }), { schema, words, rules: () => [], whenEmpty: '' });
}

describe('a field with a condition', () => {
  it('holds a tree when it can be read', () => {
    expect(check('guard: recency_days >= 180\nwhen: rank(value) == 1 ~0.5\n')).toMatchObject({
      value: { guard: { kind: 'compare', value: 180 }, when: { kind: 'compare', operand: { kind: 'rank' } } },
    });
  });

  it('points at the wrong part of the text, quoted or not', () => {
    const checked = check('guard: recency_days >= soon\nwhen: "value > 5"\n');
    const mistakes = 'mistakes' in checked ? checked.mistakes : [];
    expect(mistakes.map(({ line, column, path, message }) => ({ line, column, path, message }))).toEqual([
      { line: 1, column: 24, path: 'guard', message: 'a number is needed, not "soon"' },
      { line: 2, column: 8, path: 'when', message: 'which figure of "value" is meant?' },
    ]);
    expect(mistakes[0]?.suggestion).toBe("text stands in 'single quotes'");
    expect(mistakes[0]?.frame).toContain(`${' '.repeat(23)}^^^^`);
  });
});
