import { chunkCount, partialLength, runChunk, type LloydMemory } from '../../analysis/kmeans/chunk.ts';
import { finishedChunks, nextChunk, type StepMessage } from './protocol.ts';

/** Computes chunks of a step until none is left to take. Any number of threads may do so at once. */
export function takeChunks(memory: LloydMemory, step: StepMessage): void {
  const chunks = chunkCount(memory.rowCount);
  const length = partialLength(step.k, memory.columnCount);
  for (;;) {
    const chunk = Atomics.add(step.counters, nextChunk, 1);
    if (chunk >= chunks) return;
    runChunk(memory, step, chunk, step.partials.subarray(chunk * length, (chunk + 1) * length));
    Atomics.add(step.counters, finishedChunks, 1);
  }
}
