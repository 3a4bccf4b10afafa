import type { Guards } from '../../job/schema.ts';
import type { DiffCounts } from './diff.ts';

/** `held` stops the publish until a person approves; `off` was switched off in the job file. */
type GuardVerdict = 'passed' | 'warned' | 'held' | 'off';

export type GuardResult = {
  readonly guard: string;
  readonly found: string;
  readonly limit: string;
  readonly verdict: GuardVerdict;
  readonly message: string;
};

export type GuardInput = {
  readonly counts: DiffCounts;
  /** Every segment that tonight could publish; `exempt` ones (outlier labels) have no size limits. */
  readonly segments: readonly { readonly segment: string; readonly customers: number; readonly exempt: boolean }[];
  /** Slugs that had customers in the base. */
  readonly baseSegments: readonly string[];
  /** Slugs of customers that keep the tag they have: leavers under `leavers: keep`, invalid rows. */
  readonly keptSegments: ReadonlySet<string>;
  /** Null where fewer than two clusters have customers: that meets no floor. */
  readonly silhouetteSq: number | null;
  /** Sentences of the labelling about clusters without a name and mandatory names without a cluster. */
  readonly labelProblems: readonly string[];
  /** The published model cannot be continued, so tonight's scale and clusters are new. */
  readonly scaleReset: boolean;
};

/** A cluster smaller than this is more likely an accident than a segment. */
const defaultSizes = { min: 0.01, max: 1, then: 'hold' } as const;

/** Judges a computed night. Nothing is published when any verdict is `held`. */
export function judge(guards: Guards, input: GuardInput): GuardResult[] {
  return [
    judgeLabels(input.labelProblems),
    judgeScale(input.scaleReset),
    judgeShare('moved', guards.moved, input.counts.moved, input.counts.base - input.counts.left - input.counts.kept),
    judgeShare('leavers', guards.leavers, input.counts.left, input.counts.base),
    ...judgeSizes(guards.segment_share ?? defaultSizes, input),
    judgeVanished(guards.segment_vanishes, input),
    judgeSilhouette(guards.silhouette_sq, input.silhouetteSq),
  ];
}

/** Judges a rollback: what it moves, whom it makes leave, and whether a segment ends up empty. */
export function judgeRollback(
  guards: Guards,
  { counts, before, after }: { readonly counts: DiffCounts; readonly before: Sizes; readonly after: Sizes },
): GuardResult[] {
  const sizes = [...after].map(([segment, customers]) => ({ segment, customers, exempt: true }));
  const vanishing = { segments: sizes, baseSegments: [...before.keys()], keptSegments: new Set<string>() };
  return [
    judgeShare('moved', guards.moved, counts.moved, counts.base - counts.left),
    judgeShare('leavers', guards.leavers, counts.left, counts.base),
    judgeVanished(guards.segment_vanishes, vanishing),
  ];
}

/** Active customers per segment. */
type Sizes = ReadonlyMap<string, number>;

/** Judges a repair by the limit for moves. */
export function judgeRepair(guards: Guards, { updated, base }: DiffCounts): GuardResult {
  return judgeShare('repaired', guards.moved, updated, base);
}

/** Holds a night that meets rows that somebody else has written, or that stand where a customer must go. */
export function judgeDrift(found: {
  readonly edited: number;
  readonly missing: number;
  readonly inTheWay: number;
}): GuardResult {
  const parts = [
    [found.edited, 'edited'],
    [found.missing, 'missing'],
    [found.inTheWay, 'written by somebody else for a customer of tonight'],
  ] as const;
  const total = found.edited + found.missing + found.inTheWay;
  const told = parts.filter(([rows]) => rows > 0).map(([rows, what]) => `${count(rows)} ${what}`);
  return {
    guard: 'drift',
    found: count(total),
    limit: '0 rows',
    verdict: total === 0 ? 'passed' : 'held',
    message:
      total === 0
        ? 'every row says what was published'
        : `rows of the tag table are ${told.join(', ')}; they stay as they are`,
  };
}

/** Holds a night that would do again what a rollback has just undone. */
export function judgeRedo(redone: number, changes: number): GuardResult {
  return {
    guard: 'rollback',
    found: count(redone),
    limit: '0 customers',
    verdict: redone === 0 ? 'passed' : 'held',
    message: `${count(redone)} of ${count(changes)} changes do again what the rollback undid`,
  };
}

function judgeLabels(problems: readonly string[]): GuardResult {
  return {
    guard: 'labels',
    found: String(problems.length),
    limit: '0 problems',
    verdict: problems.length === 0 ? 'passed' : 'held',
    message: problems.length === 0 ? 'every cluster has its name' : problems.join('; '),
  };
}

function judgeScale(reset: boolean): GuardResult {
  return {
    guard: 'scale',
    found: reset ? 'new' : 'as published',
    limit: 'as published',
    verdict: reset ? 'held' : 'passed',
    message: reset
      ? 'the model was reset, or the job now shapes its features or clusters differently: tonight starts from a new scale'
      : 'the scale is the published one, or this is the first night',
  };
}

const verbs = { moved: 'change their segment', leavers: 'leave', repaired: 'get their tag back' } as const;

function judgeShare(guard: keyof typeof verbs, rule: Guards['moved'], found: number, of: number): GuardResult {
  const share = of > 0 ? found / of : 0;
  const message = `${count(found)} of ${count(of)} customers ${verbs[guard]} (${percent(share)})`;
  if (rule === 'off') return switchedOff(guard, String(found), message);
  const tripped = share > rule.max && found >= rule.min_customers;
  const limit = `${percent(rule.max)}, or fewer than ${count(rule.min_customers)} customers`;
  return { guard, found: percent(share), limit, verdict: tripped ? outcome(rule.then) : 'passed', message };
}

function judgeSizes(rule: NonNullable<Guards['segment_share']>, input: GuardInput): GuardResult[] {
  const sized = input.segments.filter((segment) => !segment.exempt);
  const total = sized.reduce((sum, segment) => sum + segment.customers, 0);
  if (rule === 'off') return [switchedOff('segment_share', '', 'segment sizes are not judged')];
  return sized.map(({ segment, customers }) => {
    const share = total > 0 ? customers / total : 0;
    const fits = customers === 0 || (share >= rule.min && share <= rule.max);
    return {
      guard: `segment_share ${segment}`,
      found: percent(share),
      limit: `${percent(rule.min)} to ${percent(rule.max)}`,
      verdict: fits ? 'passed' : outcome(rule.then),
      message: `${segment} holds ${count(customers)} of ${count(total)} customers (${percent(share)})`,
    };
  });
}

function judgeVanished(
  rule: Guards['segment_vanishes'],
  input: Pick<GuardInput, 'segments' | 'baseSegments' | 'keptSegments'>,
): GuardResult {
  const present = new Set(input.segments.filter((segment) => segment.customers > 0).map(({ segment }) => segment));
  const gone = input.baseSegments.filter((segment) => !present.has(segment) && !input.keptSegments.has(segment));
  const message = gone.length === 0 ? 'no segment lost all its customers' : `nobody is left in ${gone.join(', ')}`;
  if (rule === 'off') return switchedOff('segment_vanishes', String(gone.length), message);
  const verdict = gone.length === 0 ? 'passed' : outcome(rule.then);
  return { guard: 'segment_vanishes', found: String(gone.length), limit: '0 segments', verdict, message };
}

function judgeSilhouette(rule: Guards['silhouette_sq'], silhouette: number | null): GuardResult {
  const found = silhouette?.toFixed(3) ?? '–';
  const message =
    silhouette === null
      ? 'fewer than two clusters have customers, so there is no silhouette'
      : `silhouette (squared Euclidean) is ${found}`;
  if (rule === 'off') return switchedOff('silhouette_sq', found, message);
  const verdict = silhouette !== null && silhouette >= rule.min ? 'passed' : outcome(rule.then);
  return { guard: 'silhouette_sq', found, limit: `at least ${rule.min}`, verdict, message };
}

function switchedOff(guard: string, found: string, message: string): GuardResult {
  return { guard, found, limit: 'off', verdict: 'off', message };
}

function outcome(then: 'hold' | 'warn'): GuardVerdict {
  return then === 'hold' ? 'held' : 'warned';
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
