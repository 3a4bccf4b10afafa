import * as z from 'zod';
import type { ProfilePredicate, RowPredicate } from './expression.ts';
import type { Parsed } from './parser.ts';
import { parseProfilePredicate } from './profile-predicate.ts';
import { parseRowPredicate } from './row-predicate.ts';

const whenWords = 'write outlier, or a condition such as recency_days.median >= 365';

/** A field that holds a condition on one customer: text in the file, a tree in memory. */
export const rowPredicateField = expressionField<RowPredicate>(parseRowPredicate);

/** A field that holds a condition on one cluster, or the word outlier. */
export const labelConditionField = expressionField<ProfilePredicate | 'outlier'>((text) => {
  if (text === 'outlier') return { value: text };
  const parsed = parseProfilePredicate(text);
  const isWord = /^\w+$/.test(text) && 'mistake' in parsed;
  return isWord
    ? { mistake: { ...parsed.mistake, message: `"${text}" is no condition`, suggestion: whenWords } }
    : parsed;
});

function expressionField<Value>(parse: (text: string) => Parsed<Value>) {
  return z.string().transform((text, context): Value => {
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    const { message, span, suggestion } = parsed.mistake;
    context.addIssue({ code: 'custom', message, params: { span, suggestion } });
    return z.NEVER;
  });
}
