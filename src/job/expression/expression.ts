import type { Range } from '../mistake.ts';

export type Comparator = '<' | '<=' | '>' | '>=' | '==' | '!=';
export type Literal = number | string | boolean;

/** A condition as a tree. `span` is where a part stands in the text that was parsed. */
export type Expression<Operand> =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression<Operand>[] }
  | { readonly kind: 'not'; readonly part: Expression<Operand> }
  | Compare<Operand>
  | Between<Operand>
  | { readonly kind: 'in'; readonly operand: Operand; readonly values: readonly Literal[]; readonly span: Range }
  | { readonly kind: 'is_null'; readonly operand: Operand; readonly span: Range };

type Compare<Operand> = {
  readonly kind: 'compare';
  readonly operand: Operand;
  readonly comparator: Comparator;
  readonly value: Literal;
  /** Half the stretch over which a soft step rises from 0 to 1; 0 is a sharp step. */
  readonly width: number;
  readonly span: Range;
};

type Between<Operand> = {
  readonly kind: 'between';
  readonly operand: Operand;
  readonly low: number;
  readonly high: number;
  readonly width: number;
  readonly span: Range;
};

/** A comparison: an expression without `and`, `or` and `not`. */
export type Atom<Operand> = Exclude<Expression<Operand>, { kind: 'and' | 'or' | 'not' }>;

/** A column of one customer. */
export type RowOperand = { readonly column: string; readonly span: Range };
/** A condition on one customer. */
export type RowPredicate = Expression<RowOperand>;

/** `p` is the fraction of a quantile: 0.9 for `p90`. */
export type Statistic = 'mean' | 'median' | 'min' | 'max' | 'pct' | 'index' | 'z' | { readonly p: number };

/** A figure of one cluster. */
export type ProfileOperand = { readonly span: Range } & (
  | { readonly kind: 'statistic'; readonly column: string; readonly statistic: Statistic }
  | { readonly kind: 'rank'; readonly column: string; readonly among: ProfilePredicate | null }
  | { readonly kind: 'share'; readonly of: RowPredicate }
  | { readonly kind: 'size_share' | 'revenue_share' }
);
/** A condition on one cluster. */
export type ProfilePredicate = Expression<ProfileOperand>;

/** The comparisons of an expression, from left to right. */
export function atomsOf<Operand>(expression: Expression<Operand>): Atom<Operand>[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.parts.flatMap(atomsOf);
    case 'not':
      return atomsOf(expression.part);
    default:
      return [expression];
  }
}
