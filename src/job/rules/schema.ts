import * as z from 'zod';
import { rowPredicateField } from '../expression/field.ts';
import { slug } from '../schema/parts.ts';

const rule = z.strictObject({
  segment: slug.describe('The slug that is published'),
  when: rowPredicateField.describe('A condition on the customer, such as value >= 5000 and recency_days < 365'),
});

/** Conditions on customers, of which the first that holds decides. */
const ruleList = {
  rules: z.array(rule).min(1).describe('The first rule whose condition holds gives the segment'),
  otherwise: slug.describe('The segment of customers that no rule takes'),
};

/** Segments by conditions on each customer. */
export const rulesSegments = z.strictObject({
  method: z.literal('rules').describe('Conditions on each customer'),
  ...ruleList,
});

/** What a plain rule says of each customer, beside the segment that another method gives. */
export const ruleTag = z.strictObject(ruleList);

export type RuleTag = z.output<typeof ruleTag>;
export type RulesSegments = z.output<typeof rulesSegments>;
export type CustomerRule = RulesSegments['rules'][number];
