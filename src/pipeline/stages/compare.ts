import { agreementOf, type Agreement } from '../../analysis/rules/agreement.ts';
import { firstMatch } from '../../analysis/rules/first-match.ts';
import type { RuleTag } from '../../job/rules/schema.ts';
import type { Job } from '../../job/schema.ts';
import type { RunContext } from '../context.ts';
import type { Segmentation } from '../methods/segmentation.ts';
import type { Separated } from './outliers.ts';

/** What the job's plain rule says beside the segments. */
export type Compared = {
  readonly agreement: Agreement;
  /** The rule's slug for each separated customer. */
  readonly ruleTagOf: (row: number) => string;
};

/** Tags each customer by the plain rule too, and compares that with the segments. */
export function compareWithRule(
  { loaded }: RunContext,
  { rules, otherwise }: RuleTag,
  { separated, segmentation }: { readonly separated: Separated; readonly segmentation: Segmentation },
): Compared {
  const { customers } = separated;
  const matched = firstMatch(customers.columns, rules, customers.rowCount);
  const slugs = [...new Set([...rules.map(({ segment }) => segment), otherwise])];
  const ofRule = rules.map(({ segment }) => slugs.indexOf(segment));
  const ruleOf = matched.map((rule) => ofRule[rule] ?? slugs.indexOf(otherwise));
  const agreement = agreementOf({
    rules: slugs,
    ruleOf,
    segments: segmentation.segments.map(({ segment }) => segment),
    segmentOf: segmentation.segmentOf,
    parentOf: parentsOf(loaded.job),
    exempt: segmentation.exempt,
  });
  return { agreement, ruleTagOf: (row) => slugs[ruleOf[row]!]! };
}

function parentsOf({ labels }: Job): ReadonlyMap<string, string> {
  return new Map(
    labels.flatMap(({ segment, children }) =>
      (children?.labels ?? []).map((child) => [child.segment, segment] as const),
    ),
  );
}

/** The comparison in one line. */
export function noteCompare({ agreement: { customers, agreed, share } }: Compared): string {
  const percent = share === null ? '' : ` (${(share * 100).toFixed(1)}%)`;
  return `the plain rule agrees on ${agreed.toLocaleString('en-US')} of ${customers.toLocaleString('en-US')} customers${percent}`;
}
