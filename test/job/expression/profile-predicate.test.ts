import { describe, expect, it } from 'vitest';
import { parseProfilePredicate } from '../../../src/job/expression/profile-predicate.ts';

function valueOf(text: string) {
  const parsed = parseProfilePredicate(text);
  if ('mistake' in parsed) throw new Error(parsed.mistake.message);
  return parsed.value;
}

function mistakeOf(text: string): { message: string; at: string } {
  const parsed = parseProfilePredicate(text);
  if ('value' in parsed) throw new Error(`"${text}" was read`);
  const { message, span } = parsed.mistake;
  return { message, at: text.slice(span.start, span.end) };
}

describe('a condition on a cluster', () => {
  it('compares statistics, ranks and shares, softly where a width is given', () => {
    expect(valueOf('recency_days.p90 > 365 ~30 and value.pct < 80')).toMatchObject({
      kind: 'and',
      parts: [
        { operand: { kind: 'statistic', column: 'recency_days', statistic: { p: 0.9 } }, value: 365, width: 30 },
        { operand: { kind: 'statistic', column: 'value', statistic: 'pct' }, comparator: '<', value: 80, width: 0 },
      ],
    });
    expect(valueOf('rank(recency_days) == 1 ~0.5')).toMatchObject({
      operand: { kind: 'rank', column: 'recency_days', among: null },
      width: 0.5,
    });
    expect(valueOf('rank(recency_days) among (value.pct < 80) >= 2')).toMatchObject({
      operand: { kind: 'rank', among: { kind: 'compare', operand: { column: 'value' } } },
      comparator: '>=',
    });
    expect(valueOf("share(recency_days >= 365 or country == 'UK') >= 60% ~ 0.1")).toMatchObject({
      operand: { kind: 'share', of: { kind: 'or' } },
      value: 0.6,
    });
    expect(valueOf('size_share between 10% and 40% and not revenue_share > 0.5')).toMatchObject({
      parts: [
        { kind: 'between', operand: { kind: 'size_share' }, low: 0.1, high: 0.4 },
        { kind: 'not', part: { operand: { kind: 'revenue_share' } } },
      ],
    });
  });

  it('keeps the place of each part', () => {
    const text = 'value.pct < 80 and rank(recency_days) == 1';
    const rule = valueOf(text);
    if (rule.kind !== 'and') throw new Error('not joined');
    const [, second] = rule.parts;
    expect(second?.kind === 'compare' && text.slice(second.span.start, second.span.end)).toBe(
      'rank(recency_days) == 1',
    );
    expect(second?.kind === 'compare' && text.slice(second.operand.span.start, second.operand.span.end)).toBe(
      'rank(recency_days)',
    );
  });

  it('asks which figure of a column is meant', () => {
    expect(mistakeOf('value > 80')).toEqual({ message: 'which figure of "value" is meant?', at: 'value' });
    expect(mistakeOf('value.average > 80')).toEqual({ message: '"average" is not a statistic', at: 'average' });
    expect(mistakeOf('value.median ~ 3 > 80').message).toBe('a comparison is missing before "~"');
    expect(mistakeOf('value.median > 3 ~ 0').message).toBe('a soft threshold needs a width above 0');
    expect(mistakeOf("value.median == 'x'").message).toBe('a number is needed, not "x"');
  });
});
