import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRowPredicate } from '../../../src/job/expression/row-predicate.ts';

function valueOf(text: string) {
  const parsed = parseRowPredicate(text);
  if ('mistake' in parsed) throw new Error(parsed.mistake.message);
  return parsed.value;
}

function mistakeOf(text: string): { message: string; at: string } {
  const parsed = parseRowPredicate(text);
  if ('value' in parsed) throw new Error(`"${text}" was read`);
  const { message, span } = parsed.mistake;
  return { message, at: text.slice(span.start, span.end) };
}

describe('a condition on a customer', () => {
  it('binds not before and before or, whatever the case of the words', () => {
    const sharp = { width: 0 };
    expect(valueOf('a < 1 OR not b >= -2.5 and c == 3')).toMatchObject({
      kind: 'or',
      parts: [
        { kind: 'compare', operand: { column: 'a' }, comparator: '<', value: 1, ...sharp },
        {
          kind: 'and',
          parts: [
            { kind: 'not', part: { kind: 'compare', operand: { column: 'b' }, comparator: '>=', value: -2.5 } },
            { kind: 'compare', operand: { column: 'c' }, comparator: '==', value: 3 },
          ],
        },
      ],
    });
    expect(valueOf('(a < 1 or b < 2) and c < 3')).toMatchObject({ kind: 'and', parts: [{ kind: 'or' }, {}] });
  });

  it('reads percentages, lists, ranges, nulls and quoted names', () => {
    expect(valueOf('discount <= 12.5%')).toMatchObject({ value: 0.125 });
    expect(valueOf("country in ('UK', 'Côte d''Ivoire')")).toMatchObject({
      values: ['UK', 'Côte d’Ivoire'.replace('’', "'")],
    });
    expect(valueOf('"Days since" between 10 and 20')).toMatchObject({
      operand: { column: 'Days since' },
      low: 10,
      high: 20,
    });
    expect(valueOf('a is not null')).toMatchObject({ kind: 'not', part: { kind: 'is_null' } });
    expect(valueOf('vip = true')).toMatchObject({ comparator: '==', value: true });
  });

  it('says where it is wrong', () => {
    expect(mistakeOf('recency_days >= soon')).toEqual({ message: 'a number is needed, not "soon"', at: 'soon' });
    expect(mistakeOf('value 5')).toEqual({ message: 'a comparison is missing before "5"', at: '5' });
    expect(mistakeOf('(value > 5').message).toBe('a closing parenthesis is missing before the end');
    expect(mistakeOf('value > 5 value < 9')).toEqual({ message: '"value" follows a complete condition', at: 'value' });
    expect(mistakeOf('value > 5 && a < 1')).toEqual({ message: '"&" has no meaning here', at: '&' });
    expect(mistakeOf("name == 'x")).toEqual({ message: 'this quote is never closed', at: "'x" });
    expect(mistakeOf('a between 9 and 1').message).toBe('nothing lies between 9 and 1');
    expect(mistakeOf('a > 5 ~ 1').message).toBe('a soft threshold has no meaning for single customers');
    expect(mistakeOf(' ').message).toBe('the condition is empty');
    expect(mistakeOf('a > 1e999').message).toBe('this number is too large');
  });

  it('ends for any text in a tree or in a mistake inside the text, and runs nothing', () => {
    const pieces = fc.constantFrom(
      'a',
      '<',
      '>=',
      '5',
      '-',
      '%',
      '(',
      ')',
      'and',
      'or',
      'not',
      "'t'",
      '~',
      'in',
      ',',
      ' ',
      '.',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (source) => {
        const parsed = parseRowPredicate(source);
        if ('value' in parsed) return;
        const { start, end } = parsed.mistake.span;
        expect(0 <= start && start <= end && end <= source.length).toBe(true);
      }),
    );
  });
});
