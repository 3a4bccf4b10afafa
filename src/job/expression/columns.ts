import type { Range } from '../mistake.ts';
import { isRecord } from '../plain-value.ts';
import { atomsOf, type Literal, type ProfilePredicate, type RowPredicate } from './expression.ts';
import { parseProfilePredicate } from './profile-predicate.ts';
import { parseRowPredicate } from './row-predicate.ts';

/** What a column is used for, which says what types it may have. */
export type Usage = 'category' | 'id' | 'any' | 'number' | 'time' | 'comparable' | 'text' | 'boolean';

/** A column that a condition names, where in its text, and what it is compared with. */
type NamedColumn = { readonly column: string; readonly span: Range; readonly as: Usage };

/** The columns of a condition on customers, given as text or read; none of a text that cannot be read. */
export function rowColumns(condition: unknown): NamedColumn[] {
  const predicate = treeOf<RowPredicate>(condition, parseRowPredicate);
  return predicate === undefined ? [] : columnsOfRows(predicate);
}

/** The columns of a condition on clusters, given as text or read; none of a text that cannot be read. */
export function profileColumns(condition: unknown): NamedColumn[] {
  const predicate = treeOf<ProfilePredicate>(condition, parseProfilePredicate);
  return predicate === undefined ? [] : columnsOfProfile(predicate);
}

function treeOf<Tree>(
  condition: unknown,
  parse: (text: string) => { readonly value: Tree } | { readonly mistake: unknown },
): Tree | undefined {
  if (isRecord(condition)) return condition as Tree;
  if (typeof condition !== 'string') return undefined;
  const parsed = parse(condition);
  return 'value' in parsed ? parsed.value : undefined;
}

function columnsOfRows(predicate: RowPredicate): NamedColumn[] {
  return atomsOf(predicate).map((atom) => {
    const literals = atom.kind === 'compare' ? [atom.value] : atom.kind === 'in' ? atom.values : [];
    const as = atom.kind === 'is_null' ? 'any' : atom.kind === 'between' ? 'number' : usageOf(literals);
    return { ...atom.operand, as };
  });
}

function usageOf(literals: readonly Literal[]): NamedColumn['as'] {
  const kinds = new Set(literals.map((literal) => typeof literal));
  if (kinds.size !== 1) return 'comparable';
  return kinds.has('number') ? 'number' : kinds.has('string') ? 'text' : 'boolean';
}

function columnsOfProfile(predicate: ProfilePredicate): NamedColumn[] {
  return atomsOf(predicate).flatMap(({ operand }): NamedColumn[] => {
    switch (operand.kind) {
      case 'statistic':
        return [{ column: operand.column, span: operand.span, as: 'number' }];
      case 'rank':
        return [
          { column: operand.column, span: operand.span, as: 'number' },
          ...(operand.among === null ? [] : columnsOfProfile(operand.among)),
        ];
      case 'share':
        return columnsOfRows(operand.of);
      default:
        return [];
    }
  });
}
