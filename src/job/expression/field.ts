import { z } from 'zod';
import type { ProfilePredicate, RowPredicate } from './expression.ts';
import type { Parsed } from './parser.ts';
import { parseProfilePredicate } from './profile-predicate.ts';
import { parseRowPredicate } from './row-predicate.ts';

/** A field that holds a condition on one customer: text in the file, a tree in memory. */
export const rowPredicateField = expressionField<RowPredicate>(parseRowPredicate);

/** A field that holds a condition on one cluster: text in the file, a tree in memory. */
export const profilePredicateField = expressionField<ProfilePredicate>(parseProfilePredicate);

function expressionField<Value>(parse: (text: string) => Parsed<Value>) {
  return z.string().transform((text, context): Value => {
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    const { message, span, suggestion } = parsed.mistake;
    context.addIssue({ code: 'custom', message, params: { span, suggestion } });
    return z.NEVER;
  });
}
