import { SegtagError } from '../errors.ts';
import type { ListSet, SubjectKind } from '../frame/recommendations.ts';
import type { Drift, RestorableTag, TagSet } from '../frame/tags.ts';
import type { ResolvedConnection } from '../job/connections-schema.ts';
import {
  activeAlerts,
  changeAlert,
  claimMessage,
  pendingMessages,
  releaseMessage,
  settleMessage,
  type AlertChange,
  type AlertKey,
  type AlertRecord,
  type StoredMessage,
} from './alerts.ts';
import { hasCandidates } from './publish/candidates.ts';
import { readCustomer, type CustomerQuery, type CustomerTag } from './tags/customer-history.ts';
import { connectStore, type StagingOptions } from './connect.ts';
import { listDecisions, type Decision } from './runs/decisions.ts';
import { findDrift } from './tags/drift.ts';
import type { TagTable } from './tags/tag-columns.ts';
import type { Engine, Store } from './engines/engine.ts';
import { readFigures, saveFigures, type RunFigures } from './runs/figures.ts';
import {
  acknowledge,
  consumerPosition,
  readChanges,
  type Change,
  type ChangeQuery,
  type ConsumerPosition,
} from './tags/feed.ts';
import { feedFloor } from './tags/floor.ts';
import {
  acquireLease,
  buryDeadRuns,
  leaseHolders,
  releaseLease,
  renewLease,
  type Lease,
  type LeaseHolder,
  type LeaseRequest,
} from './runs/lease.ts';
import { migrate, missingMigrations } from './migrate.ts';
import { savePlan, type SavedPlan } from './publish/plan-store.ts';
import { prune, type Pruned, type PruneOptions } from './prune.ts';
import type { Published, PublishOptions } from './publish/publish-options.ts';
import { publish, publishedAs } from './publish/publish.ts';
import { readScores, type ScoreQuery } from './tags/read-scores.ts';
import { readLists } from './publish/recommendations.ts';
import { readTags, readTagsInParts, type PartQuery, type TagQuery, type TagReader } from './tags/read-tags.ts';
import { readRestorable, type RestoreQuery } from './tags/restorable.ts';
import type { RunPatch, RunRecord } from './runs/run-record.ts';
import {
  findRun,
  insertRun,
  listRuns,
  publishedBase,
  recentExtracted,
  renewModel,
  supersede,
  updateRun,
  type PublishedBase,
} from './runs/run-store.ts';
import {
  consumerLags,
  knownJobs,
  lastSuccess,
  runsByStatus,
  type ConsumerLag,
  type StatusCount,
} from './runs/outcomes.ts';
import { claimSlot, newestSlot, type Slot } from './runs/slot.ts';
import { readTransitions, type Transition, type TransitionQuery } from './tags/transitions.ts';
import { findWritten, readModel, segmentSizes, undoneBy, type WrittenRun } from './runs/written-runs.ts';

/**
 * The CRM staging database: tags, change feed and run store. Each method rejects with a
 * SegtagError that names the connection, and leaves nothing half written.
 */
export type Staging = {
  readonly dialect: Engine['dialect'];
  /** Engine, user and host or file, for messages; never a secret. */
  readonly place: string;
  migrate(tables: readonly string[]): Promise<{ readonly applied: readonly string[] }>;
  /** The service's own tables, and the tag table if one is named. SQLite migrates itself; a server that isn't migrated is E_NOT_MIGRATED. */
  requireMigrated(table?: string): Promise<void>;
  readTags(query: TagQuery): Promise<TagSet>;
  /** The same, never held as a whole; `open` is called again where the reading begins anew. */
  readTagsInParts<Result>(query: PartQuery, open: () => TagReader<Result>): Promise<Result>;
  /** A job's published recommendations to customers, or to segments. */
  readLists(query: { readonly job: string; readonly kind: SubjectKind }): Promise<ListSet>;
  /** The published scores (canonical JSON) of those customers that have a row. */
  readScores(query: ScoreQuery): Promise<ReadonlyMap<string, string | null>>;
  insertRun(run: RunRecord): Promise<void>;
  updateRun(runId: string, patch: RunPatch, decision?: Decision): Promise<boolean>;
  findRun(runId: string): Promise<RunRecord | null>;
  listRuns(query: { readonly job?: string; readonly limit: number }): Promise<RunRecord[]>;
  publishedBase(job: string): Promise<PublishedBase | null>;
  recentExtracted(job: string, limit: number): Promise<number[]>;
  supersede(job: string, newestRunId: string): Promise<void>;
  renewModel(run: { readonly runId: string; readonly job: string; readonly model: unknown }): Promise<void>;
  /** What the charts of a run are drawn from. */
  saveFigures(figures: RunFigures): Promise<void>;
  readFigures(runId: string): Promise<unknown>;
  listDecisions(runIds: readonly string[]): Promise<Decision[]>;
  /** Whether what the run computed is kept. */
  hasCandidates(runId: string): Promise<boolean>;
  readTransitions(query: TransitionQuery): Promise<Transition[]>;
  findDrift(tags: TagTable): Promise<Drift>;
  readRestorable(query: RestoreQuery): Promise<RestorableTag[]>;
  findWritten(runId: string): Promise<WrittenRun | null>;
  readModel(runId: string): Promise<unknown>;
  undoneBy(runId: string): Promise<ReadonlyMap<string, string | null>>;
  segmentSizes(tags: TagTable): Promise<ReadonlyMap<string, number>>;
  /** Up to which number changes may be missing. */
  feedFloor(job?: string): Promise<number>;
  prune(options: PruneOptions): Promise<Pruned>;
  readChanges(query: ChangeQuery): Promise<Change[]>;
  readCustomer(
    query: CustomerQuery,
  ): Promise<{ readonly tag: CustomerTag | null; readonly changes: readonly Change[] }>;
  consumerPosition(consumer: string): Promise<ConsumerPosition>;
  acknowledge(consumer: string, position: number): Promise<ConsumerPosition>;
  /** E_ALREADY_RUNNING while another run of the job holds it. */
  acquireLease(request: LeaseRequest): Promise<Lease>;
  renewLease(lease: Lease, leaseMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;
  claimSlot(slot: Slot, by: { readonly runId: string; readonly holder: string }): Promise<boolean>;
  newestSlot(job: string): Promise<string | null>;
  leaseHolders(): Promise<LeaseHolder[]>;
  buryDeadRuns(): Promise<ReadonlyMap<string, string>>;
  /** The newest run that left the tags as they should be: published, or nothing to change. */
  lastSuccess(job: string): Promise<RunRecord | null>;
  knownJobs(): Promise<string[]>;
  runsByStatus(): Promise<StatusCount[]>;
  consumerLags(job: string, names?: readonly string[]): Promise<ConsumerLag[]>;
  changeAlert(key: AlertKey, decide: (current: AlertRecord | null) => AlertChange): Promise<void>;
  activeAlerts(job?: string): Promise<(AlertKey & AlertRecord)[]>;
  pendingMessages(job: string, nowMs: number): Promise<StoredMessage[]>;
  claimMessage(message: StoredMessage, forMs: number): Promise<boolean>;
  releaseMessage(message: StoredMessage): Promise<void>;
  settleMessage(message: StoredMessage): Promise<void>;
  savePlan(plan: SavedPlan): Promise<void>;
  publish(options: PublishOptions): Promise<Published>;
  publishedAs(runId: string): Promise<Published | null>;
  /** Always settles, also when the server is gone. */
  close(): Promise<void>;
};

/** Connects to the CRM staging database. */
export async function openStaging(connection: ResolvedConnection, options?: StagingOptions): Promise<Staging> {
  const { store, guard, close } = await connectStore(connection, options);
  const { engine } = store;
  return {
    dialect: engine.dialect,
    place: engine.place,
    migrate: async (tables) => ({ applied: await guard(migrate(store, tables)) }),
    requireMigrated: (table) => guard(requireMigrated(store, table)),
    readTags: (query) => guard(readTags(store, query)),
    readTagsInParts: (query, open) => guard(readTagsInParts(store, query, open)),
    readLists: (query) => guard(readLists(store, query)),
    readScores: (query) => guard(readScores(store, query)),
    insertRun: (run) => guard(insertRun(store, run)),
    updateRun: (runId, patch, decision) => guard(updateRun(store, runId, patch, decision)),
    findRun: (runId) => guard(findRun(store, runId)),
    listRuns: (query) => guard(listRuns(store, query)),
    publishedBase: (job) => guard(publishedBase(store, job)),
    recentExtracted: (job, limit) => guard(recentExtracted(store, job, limit)),
    supersede: (job, newestRunId) => guard(supersede(store, job, newestRunId)),
    renewModel: (run) => guard(renewModel(store, run)),
    saveFigures: (figures) => guard(saveFigures(store, figures)),
    readFigures: (runId) => guard(readFigures(store, runId)),
    listDecisions: (runIds) => guard(listDecisions(store, runIds)),
    hasCandidates: (runId) => guard(hasCandidates(store, runId)),
    readTransitions: (query) => guard(readTransitions(store, query)),
    findDrift: (tags) => guard(findDrift(store, tags)),
    readRestorable: (query) => guard(readRestorable(store, query)),
    findWritten: (runId) => guard(findWritten(store, runId)),
    readModel: (runId) => guard(readModel(store, runId)),
    undoneBy: (runId) => guard(undoneBy(store, runId)),
    segmentSizes: (tags) => guard(segmentSizes(store, tags)),
    feedFloor: (job) => guard(feedFloor(store, job)),
    prune: (options) => guard(prune(store, options)),
    readChanges: (query) => guard(readChanges(store, query)),
    readCustomer: (query) => guard(readCustomer(store, query)),
    consumerPosition: (consumer) => guard(consumerPosition(store, consumer)),
    acknowledge: (consumer, position) => guard(acknowledge(store, consumer, position)),
    acquireLease: (request) => guard(acquireLease(store, request)),
    renewLease: (lease, leaseMs) => guard(renewLease(store, lease, leaseMs)),
    releaseLease: (lease) => guard(releaseLease(store, lease)),
    claimSlot: (slot, by) => guard(claimSlot(store, slot, by)),
    newestSlot: (job) => guard(newestSlot(store, job)),
    leaseHolders: () => guard(leaseHolders(store)),
    buryDeadRuns: () => guard(buryDeadRuns(store)),
    lastSuccess: (job) => guard(lastSuccess(store, job)),
    knownJobs: () => guard(knownJobs(store)),
    runsByStatus: () => guard(runsByStatus(store)),
    consumerLags: (job, names) => guard(consumerLags(store, job, names)),
    changeAlert: (key, decide) => guard(changeAlert(store, key, decide)),
    activeAlerts: (job) => guard(activeAlerts(store, job)),
    pendingMessages: (job, nowMs) => guard(pendingMessages(store, job, nowMs)),
    claimMessage: (message, forMs) => guard(claimMessage(store, message, forMs)),
    releaseMessage: (message) => guard(releaseMessage(store, message)),
    settleMessage: (message) => guard(settleMessage(store, message)),
    savePlan: (plan) => guard(savePlan(store, plan)),
    publish: (options) => guard(publish(store, options)),
    publishedAs: (runId) => guard(publishedAs(store, runId)),
    close,
  };
}

async function requireMigrated(store: Store, table?: string): Promise<void> {
  const tables = table === undefined ? [] : [table];
  const missing = await missingMigrations(store, tables);
  if (missing.length === 0) return;
  if (store.engine.dialect === 'sqlite') {
    await migrate(store, tables);
    return;
  }
  throw new SegtagError('E_NOT_MIGRATED', {
    where: store.engine.place,
    what: `The staging schema lacks ${missing.join(', ')}.`,
    remedy: 'Run segtag migrate with a user that may create tables.',
  });
}
