import type { Candidate, RestorableTag, TagState } from '../../frame/tags.ts';
import type { DiffCounts, Move } from './diff.ts';

/** What brings rows back to what they said, and what is in the way. */
export type Restoration = {
  /** In the order of the tags given. */
  readonly candidates: readonly Candidate[];
  readonly counts: DiffCounts;
  readonly moves: readonly Move[];
};

type RestoreOptions = {
  /** `YYYY-MM-DD`: since when customers count as left that were not there at the time restored. */
  readonly asOf: string;
  /** Customers whose row somebody else has written to: they are left as they are. */
  readonly conflicts: ReadonlySet<string>;
  /** Active customers before. */
  readonly base: number;
};

/**
 * Brings customers back to what they were at an earlier time. Who was not there then leaves; who
 * has left since enters again. Membership in the control group never changes. One pass over
 * `tags`, which are in bytewise order of id, each customer once.
 */
export function planRollback(tags: readonly RestorableTag[], { asOf, conflicts, base }: RestoreOptions): Restoration {
  const counts = { ...noChanges, kept: conflicts.size, base };
  const candidates: Candidate[] = [];
  for (const tag of tags) {
    if (conflicts.has(tag.customerId)) continue;
    const wanted = { ...(tag.then ?? leftState(tag.now, asOf)), control: tag.now.control };
    const kind = kindOf(tag, wanted);
    if (kind === undefined) continue;
    counts[countOf[kind]]++;
    candidates.push(candidateOf(tag, kind, wanted));
  }
  counts.unchanged = base - counts.moved - counts.left - counts.updated;
  return { candidates, counts, moves: movesOf(candidates) };
}

/** Writes what runs wrote last over rows that say something else, or are gone. */
export function planRepair(tags: readonly RestorableTag[], base: number): Restoration {
  const candidates = tags
    .filter(({ now, rowSeq }) => now.state === 'active' || rowSeq !== null)
    .map((tag) => candidateOf(tag, 'update', tag.now));
  const counts = { ...noChanges, updated: candidates.length, unchanged: base - candidates.length, base };
  return { candidates, counts, moves: [] };
}

const noChanges: DiffCounts = { entered: 0, moved: 0, left: 0, updated: 0, unchanged: 0, kept: 0, base: 0 };
const countOf = { enter: 'entered', move: 'moved', leave: 'left', update: 'updated' } as const;

function leftState(now: TagState, asOf: string): TagState {
  if (now.state === 'left') return now;
  const cleared = { segment: null, segmentName: null, campaign: null, scores: null };
  return { ...cleared, previousSegment: now.segment, segmentSince: asOf, state: 'left', control: now.control };
}

const compared = [
  'segment',
  'segmentName',
  'campaign',
  'previousSegment',
  'segmentSince',
  'scores',
  'state',
] as const satisfies readonly (keyof TagState)[];

function kindOf({ now, rowSeq }: RestorableTag, wanted: TagState): Candidate['kind'] | undefined {
  if (compared.every((key) => now[key] === wanted[key])) return undefined;
  if (now.state === 'left') return wanted.state === 'active' ? 'enter' : rowSeq === null ? undefined : 'update';
  if (wanted.state === 'left') return 'leave';
  return now.segment === wanted.segment ? 'update' : 'move';
}

function candidateOf({ customerId, rowSeq, now }: RestorableTag, kind: Candidate['kind'], wanted: TagState): Candidate {
  return { customerId, kind, expectedChangeSeq: rowSeq, fromSegment: now.segment, ...wanted };
}

function movesOf(candidates: readonly Candidate[]): Move[] {
  const moves = new Map<string, { from: string | null; to: string | null; customers: number }>();
  for (const { kind, fromSegment: from, segment: to } of candidates) {
    if (kind === 'update') continue;
    const key = JSON.stringify([from, to]);
    const move = moves.get(key) ?? { from, to, customers: 0 };
    move.customers++;
    moves.set(key, move);
  }
  return [...moves.entries()]
    .toSorted(([a, left], [b, right]) => right.customers - left.customers || (a < b ? -1 : 1))
    .map(([, move]) => move);
}
