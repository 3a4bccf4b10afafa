import {
  atomsOf,
  type Atom,
  type ProfileOperand,
  type ProfilePredicate,
  type RowOperand,
} from '../../job/expression/expression.ts';
import type { Job, Label } from '../../job/schema.ts';
import { degreeWithin, type Interval } from '../expression/degree.ts';
import { isWithinReach } from './reach.ts';
import { columnWindows, figureRange, type Window } from './windows.ts';

/** A threshold that leaves less of the window than this is hardly ever met. */
const thinShare = 0.1;

export type LabelFinding = {
  readonly severity: 'error' | 'warn';
  /** In the job file. */
  readonly path: readonly (string | number)[];
  /** The part of the text at the path that is meant. */
  readonly span?: { readonly start: number; readonly end: number };
  readonly message: string;
  readonly suggestion?: string;
};

/**
 * What is wrong with labels whatever the data: conditions that are never or always true, thresholds
 * in the last tenth of the data window or beyond it, labels that no cluster can fit, and labels that
 * describe the same clusters.
 */
export function lintLabels(job: Pick<Job, 'checks' | 'source' | 'labels' | 'labelling'>, k: number): LabelFinding[] {
  const windows = columnWindows(job);
  return [
    ...job.labels.flatMap((label, i) => [
      ...lintRule(label, ['labels', i, 'when'], windows, k),
      ...(label.guard ? atomsOf(label.guard).flatMap((atom) => lintRow(atom, ['labels', i, 'guard'], windows)) : []),
      ...lintReach(job, i, windows, k),
    ]),
    ...sameRegions(job.labels),
  ];
}

type Path = LabelFinding['path'];
type Windows = ReadonlyMap<string, Window>;

function lintRule({ when }: Label, path: Path, windows: Windows, k: number): LabelFinding[] {
  return when === undefined || when === 'outlier' ? [] : lintProfile(when, path, windows, k);
}

function lintProfile(rule: ProfilePredicate, path: Path, windows: Windows, k: number): LabelFinding[] {
  return atomsOf(rule).flatMap((atom) => {
    const { operand } = atom;
    const inner =
      operand.kind === 'share'
        ? atomsOf(operand.of).flatMap((row) => lintRow(row, path, windows))
        : operand.kind === 'rank' && operand.among
          ? lintProfile(operand.among, path, windows, k)
          : [];
    const range = figureRange(operand, windows, k);
    const column = locationColumn(operand);
    const window = column === null ? undefined : windows.get(column);
    const words = column !== null && window ? windowWords(column, window) : rangeWords(operand, k);
    const thin = column !== null && window ? thinFinding(atom, column, window, path) : [];
    return [
      ...inner,
      ...decided(
        degreeWithin(atom, () => range),
        { atom, path, words },
      ),
      ...thin,
    ];
  });
}

/** What is wrong with a comparison on customers whatever the data: never or always true, or hardly ever. */
export function lintRow(atom: Atom<RowOperand>, path: Path, windows: Windows): LabelFinding[] {
  const window = windows.get(atom.operand.column);
  const measured = atom.kind === 'between' || (atom.kind === 'compare' && typeof atom.value === 'number');
  if (!window || !measured) return [];
  const words = windowWords(atom.operand.column, window);
  return [
    ...decided(
      degreeWithin(atom, () => window),
      { atom, path, words },
    ),
    ...thinFinding(atom, atom.operand.column, window, path),
  ];
}

type Context = { readonly atom: Atom<unknown>; readonly path: Path; readonly words: Words };
type Words = { readonly because: string; readonly suggestion?: string };

function decided(degree: Interval | null, { atom, path, words }: Context): LabelFinding[] {
  if (!degree || (degree.high > 0 && degree.low < 1)) return [];
  const { because, ...rest } = words;
  const never = degree.high === 0;
  const message = `${because}, so this is ${never ? 'never' : 'always'} true`;
  return [{ severity: never ? 'error' : 'warn', path, span: atom.span, message, ...rest }];
}

/** The column whose units a statistic has; null for other figures. */
function locationColumn(operand: ProfileOperand): string | null {
  if (operand.kind !== 'statistic') return null;
  const { statistic, column } = operand;
  return typeof statistic === 'string' && ['pct', 'index', 'z'].includes(statistic) ? null : column;
}

function thinFinding(atom: Atom<unknown>, column: string, window: Window, path: Path): LabelFinding[] {
  if (atom.kind !== 'compare' || typeof atom.value !== 'number') return [];
  const width = window.high - window.low;
  const upwards = atom.comparator === '>' || atom.comparator === '>=';
  const downwards = atom.comparator === '<' || atom.comparator === '<=';
  const left = upwards ? window.high - atom.value : downwards ? atom.value - window.low : width;
  if (!Number.isFinite(width) || left <= 0 || left / width >= thinShare) return [];
  const message = `only ${text(left)} of the ${text(width)} that ${column} spans (${window.because}) lie ${upwards ? 'above' : 'below'} ${text(atom.value)}`;
  const suggestion = `widen the data window, or move the threshold`;
  return [{ severity: 'warn', path, span: atom.span, message, suggestion }];
}

function windowWords(column: string, { low, high, because }: Window): Words {
  const bounds =
    low === -Infinity
      ? `is at most ${text(high)}`
      : high === Infinity
        ? `is at least ${text(low)}`
        : `lies between ${text(low)} and ${text(high)}`;
  return { because: `${column} ${bounds} (${because})` };
}

function rangeWords(operand: ProfileOperand, k: number): Words {
  switch (operand.kind) {
    case 'rank':
      return { because: `of ${k} clusters the ranks go from 1 to ${k}` };
    case 'statistic':
      return {
        because: 'a percentile lies between 0 and 100',
        suggestion: `for the column's own units write ${operand.column}.median`,
      };
    default:
      return { because: 'a share lies between 0 and 1', suggestion: 'write it as a percentage, such as 20%' };
  }
}

function lintReach(job: Pick<Job, 'labels' | 'labelling'>, i: number, windows: Windows, k: number): LabelFinding[] {
  const label = job.labels[i]!;
  const minDegree = job.labelling.min_degree;
  if (label.when === 'outlier' || (label.when === undefined && label.prototype === undefined)) return [];
  if (isWithinReach({ label, minDegree, rangeOf: (operand) => figureRange(operand, windows, k) })) return [];
  const message = `no cluster can fit ${label.segment}: its degree stays below min_degree (${minDegree}) wherever a cluster lies`;
  return [
    {
      severity: 'error',
      path: ['labels', i],
      message,
      suggestion: 'prototype and when contradict each other or themselves',
    },
  ];
}

function sameRegions(labels: readonly Label[]): LabelFinding[] {
  const regions = labels.map(regionOf);
  return labels.flatMap((label, i): LabelFinding[] => {
    const first = regions.indexOf(regions[i]!);
    if (regions[i] === null || first === i) return [];
    const message = `${label.segment} describes the same clusters as ${labels[first]!.segment}, so chance would name them`;
    return [{ severity: 'error', path: ['labels', i], message, suggestion: 'tell the two apart, or remove one' }];
  });
}

/** The same text for two labels that say the same. */
function regionOf({ prototype, when }: Label): string | null {
  if (when === 'outlier') return null;
  const axes = Object.entries(prototype ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([axes, when ?? null], (key, value: unknown) => (key === 'span' ? undefined : value));
}

function text(value: number): string {
  return String(Number(value.toPrecision(6)));
}
