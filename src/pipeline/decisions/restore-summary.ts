import type { GuardResult } from '../../analysis/decide/guards.ts';
import type { Restoration } from '../../analysis/decide/restore.ts';
import type { RunSummary } from '../summary.ts';

/** What a run that brings tags back found and did; the shape of `--json` and of what the run store keeps. */
export type RestoreSummary = Pick<RunSummary, 'schemaVersion' | 'guards' | 'moves'> & {
  readonly run: RunSummary['run'] & { readonly restores: string };
  readonly counts: Readonly<Record<'entered' | 'moved' | 'left' | 'updated' | 'unchanged' | 'kept', number>>;
  /** What a person should know of it. */
  readonly notes: readonly string[];
  /** Customers whose row somebody else has written to: they are left as they are. */
  readonly conflicts: {
    readonly customers: number;
    /** Absent where ids are hidden. */ readonly customer_ids?: readonly string[];
  };
};

type SummaryInput = Pick<Restoration, 'counts' | 'moves'> & {
  readonly run: RestoreSummary['run'];
  readonly guards: readonly GuardResult[];
  readonly conflicts: readonly string[];
  /** The job makes lists of recommendations, which are brought back by no run. */
  readonly hasLists: boolean;
};

const listsStay = 'Lists of recommendations are not brought back: they stay until the next night compares them.';
const mostIdsKept = 100;

/** Puts together what a rollback or a repair found. */
export function summariseRestore({ run, counts, guards, moves, conflicts, hasLists }: SummaryInput): RestoreSummary {
  const { base: _, ...shown } = counts;
  return {
    schemaVersion: 1,
    run,
    counts: shown,
    guards,
    moves,
    notes: hasLists ? [listsStay] : [],
    conflicts: { customers: conflicts.length, customer_ids: conflicts.slice(0, mostIdsKept) },
  };
}

/** The summary as it may be shown where customer ids may not. */
export function hideConflictIds(summary: RestoreSummary): RestoreSummary {
  return { ...summary, conflicts: { customers: summary.conflicts.customers } };
}
