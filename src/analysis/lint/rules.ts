import type { Column } from '../../frame/column.ts';
import { atomsOf, type Literal, type RowPredicate } from '../../job/expression/expression.ts';
import type { CustomerRule } from '../../job/rules/schema.ts';
import type { Interval } from '../expression/degree.ts';
import { matchRows } from '../expression/match-rows.ts';

/** More combinations than this are not looked at. */
const mostCells = 200_000;

/** Something about a list of rules that a person may not have meant. */
type RuleFinding = {
  readonly kind: 'overlap' | 'shadowed' | 'impossible' | 'otherwise';
  /** The rule that it is about; null for `otherwise`. */
  readonly rule: number | null;
  readonly message: string;
};

/**
 * Looks at one customer for every combination of ranges between the thresholds of the rules: which
 * rules it satisfies and which is first. Exact, because conditions don't change between thresholds.
 * A rule is `shadowed` when all that it takes goes to earlier ones, and `impossible` when it takes
 * nobody within the windows. Nothing is found where texts are put in an order, or where there are more
 * than 200,000 combinations.
 */
export function lintRules(
  rules: readonly CustomerRule[],
  otherwise: string,
  windows: ReadonlyMap<string, Interval>,
): RuleFinding[] {
  const grid = gridOf(
    rules.map(({ when }) => when),
    windows,
  );
  if (!grid) return [];
  const marks = rules.map(({ when }) => matchRows(grid.columns, when, grid.rowCount));
  const first = Array.from({ length: grid.rowCount }, (_, row) => marks.findIndex((of) => of[row] === 1));
  const findings = rules.flatMap((rule, i): RuleFinding[] => {
    const taken = marks[i]!.reduce((sum, mark) => sum + mark, 0);
    const earlier = [...new Set(first.filter((winner, row) => marks[i]![row] === 1 && winner !== i))].sort(
      (a, b) => a - b,
    );
    const names = [...new Set(earlier.map((winner) => rules[winner]!.segment))].join(', ');
    if (taken === 0) return [{ kind: 'impossible', rule: i, message: `${rule.segment}: no customer can satisfy this` }];
    if (!first.includes(i))
      return [{ kind: 'shadowed', rule: i, message: `${rule.segment}: all whom this takes go to ${names} above it` }];
    if (names === '') return [];
    return [{ kind: 'overlap', rule: i, message: `${rule.segment}: some whom this takes go to ${names} above it` }];
  });
  if (!first.includes(-1)) {
    const message = `${otherwise}: the rules take every customer, so nobody is left for otherwise`;
    findings.push({ kind: 'otherwise', rule: null, message });
  }
  return findings;
}

type Grid = { readonly columns: ReadonlyMap<string, Column>; readonly rowCount: number };
type Cell = Literal | null;

function gridOf(conditions: readonly RowPredicate[], windows: ReadonlyMap<string, Interval>): Grid | null {
  const cells = new Map<string, Cell[]>();
  for (const column of new Set(conditions.flatMap(atomsOf).map(({ operand }) => operand.column))) {
    const values = cellsOf(column, conditions, windows.get(column));
    if (!values) return null;
    cells.set(column, values);
  }
  const rowCount = [...cells.values()].reduce((product, values) => product * values.length, 1);
  if (rowCount > mostCells) return null;
  let repeat = 1;
  const columns = new Map<string, Column>();
  for (const [name, values] of cells) {
    const each = repeat;
    columns.set(
      name,
      columnOfCells(Array.from({ length: rowCount }, (_, row) => values[Math.floor(row / each) % values.length]!)),
    );
    repeat *= values.length;
  }
  return { columns, rowCount };
}

/** One value for each stretch of the column on which no comparison changes. */
function cellsOf(column: string, conditions: readonly RowPredicate[], window?: Interval): Cell[] | null {
  const atoms = conditions.flatMap(atomsOf).filter(({ operand }) => operand.column === column);
  const literals = atoms.flatMap((atom): Literal[] => {
    if (atom.kind === 'compare') return [atom.value];
    if (atom.kind === 'between') return [atom.low, atom.high];
    return atom.kind === 'in' ? [...atom.values] : [];
  });
  const nulls: Cell[] = atoms.some(({ kind }) => kind === 'is_null') ? [null] : [];
  const numbers = literals.filter((literal) => typeof literal === 'number');
  if (numbers.length === literals.length) return [...stretches(numbers, window), ...nulls];
  const ordered = atoms.some((atom) => atom.kind === 'compare' && !['==', '!='].includes(atom.comparator));
  if (ordered) return null;
  if (literals.every((literal) => typeof literal === 'boolean')) return [true, false, ...nulls];
  const texts = literals.filter((literal) => typeof literal === 'string');
  return texts.length === literals.length ? [...new Set([...texts, unlike(texts)]), ...nulls] : null;
}

function stretches(numbers: readonly number[], { low, high }: Interval = { low: -Infinity, high: Infinity }): number[] {
  const bounds = [low, high].filter((bound) => Number.isFinite(bound));
  const sorted = [...new Set([...numbers, ...bounds])].sort((a, b) => a - b);
  const between = sorted.slice(1).map((value, i) => sorted[i]! + (value - sorted[i]!) / 2);
  const beyond = [(sorted[0] ?? 0) - 1, (sorted.at(-1) ?? 0) + 1];
  return [...sorted, ...between, ...beyond].filter((value) => value >= low && value <= high);
}

function unlike(texts: readonly string[]): string {
  return `${texts.reduce((longest, text) => (text.length > longest.length ? text : longest), '')} and another`;
}

function columnOfCells(cells: readonly Cell[]): Column {
  const nulls = { nulls: Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0)) };
  const kind = typeof cells.find((cell) => cell !== null);
  if (kind === 'boolean') return { ...nulls, kind: 'boolean', values: Uint8Array.from(cells, (cell) => Number(cell)) };
  if (kind !== 'string')
    return {
      ...nulls,
      kind: 'number',
      values: Float64Array.from(cells, (cell) => (cell === null ? NaN : Number(cell))),
    };
  const dictionary = [...new Set(cells.filter((cell) => typeof cell === 'string'))];
  const codeOf = new Map(dictionary.map((text, code) => [text, code]));
  return {
    ...nulls,
    kind: 'text',
    dictionary,
    codes: Int32Array.from(cells, (cell) => codeOf.get(String(cell)) ?? -1),
  };
}
