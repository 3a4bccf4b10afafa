import type { BlockSums, LloydMemory, StepInput } from '../../analysis/kmeans/chunk.ts';

/** What a worker is born with; its arrays lie in shared memory. */
export type WorkerSetup = { readonly memory: LloydMemory };

/** One step, sent to every worker; `blocks`, `counters` and `partials` lie in shared memory. */
export type StepMessage = StepInput & {
  readonly blocks: BlockSums;
  /** Each step has its own, so a worker that comes late finds nothing left to take. */
  readonly counters: Int32Array;
  /** The result of each chunk, in chunk order. */
  readonly partials: Float64Array;
};

/** Cells of `counters`: the next chunk to take, and how many are done. */
export const nextChunk = 0;
export const finishedChunks = 1;
