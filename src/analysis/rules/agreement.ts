/** Customers of one rule that are in one segment. */
type AgreementCell = {
  readonly rule: string;
  readonly segment: string;
  readonly customers: number;
  /** Of the customers of the rule, 0..1. */
  readonly share: number;
};

/** How far a plain rule and the segments say the same. */
export type Agreement = {
  /** Customers that are compared: all that have a segment and are no outliers. */
  readonly customers: number;
  /** Those of whom both say the same. */
  readonly agreed: number;
  /** `agreed` of `customers`, 0..1; null where nobody is compared. */
  readonly share: number | null;
  /** The disagreement matrix without its empty cells, by rule and then by segment, outliers included. */
  readonly cells: readonly AgreementCell[];
};

/** Two sayings on each customer, as indices into lists of slugs; -1 is none. */
type AgreementInput = {
  readonly rules: readonly string[];
  readonly ruleOf: Int32Array;
  readonly segments: readonly string[];
  readonly segmentOf: Int32Array;
  /** The segment that a segment was divided from. */
  readonly parentOf: ReadonlyMap<string, string>;
  /** Segments outside the comparison, such as the outliers'. */
  readonly exempt: ReadonlySet<string>;
};

/**
 * The contingency table of a rule and the segments, and the share of customers on whom they agree. A
 * segment that was divided agrees with a rule that names it or what it was divided from. Customers
 * without a rule or a segment are left out.
 */
export function agreementOf(input: AgreementInput): Agreement {
  const { rules, ruleOf, segments, segmentOf, parentOf, exempt } = input;
  const counts = new Float64Array(rules.length * segments.length);
  for (const [row, segment] of segmentOf.entries())
    if (segment >= 0 && ruleOf[row]! >= 0) counts[ruleOf[row]! * segments.length + segment]!++;
  const rowOf = (rule: number): Float64Array => counts.subarray(rule * segments.length, (rule + 1) * segments.length);
  const cells = rules.flatMap((rule, i): AgreementCell[] => {
    const row = rowOf(i);
    const total = row.reduce((sum, count) => sum + count, 0);
    return segments.flatMap((segment, j) =>
      row[j]! > 0 ? [{ rule, segment, customers: row[j]!, share: row[j]! / total }] : [],
    );
  });
  const compared = cells.filter(({ segment }) => !exempt.has(segment));
  const agreeing = compared.filter(({ rule, segment }) => rule === segment || rule === parentOf.get(segment));
  const [customers, agreed] = [compared, agreeing].map((of) => of.reduce((sum, cell) => sum + cell.customers, 0));
  return { customers: customers!, agreed: agreed!, share: customers! > 0 ? agreed! / customers! : null, cells };
}
