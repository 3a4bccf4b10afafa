import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { blockSumsLength, chunkCount, partialLength, type LloydMemory } from '../../analysis/kmeans/chunk.ts';
import { addPartials, matrixStepper, type LloydStepper } from '../../analysis/kmeans/stepper.ts';
import type { Matrix } from '../../analysis/matrix.ts';
import { finishedChunks, type StepMessage, type WorkerSetup } from './protocol.ts';
import { startThread } from './start-thread.ts';
import { takeChunks } from './take-chunks.ts';

/** Below this, starting a thread costs more than it saves. */
const rowsWorthThreads = 50_000;

/**
 * A stepper that spreads the chunks of each step over `threads` threads, this one among them. By
 * default every core is used from 50,000 rows on, and one thread below. The result is the same to
 * the bit for any number. A matrix that isn't in shared memory is copied there when workers are
 * needed. Each step lets the event loop turn once, so that an abort is seen. Close it when done.
 */
export function openStepper(
  matrix: Matrix,
  threads = matrix.rowCount < rowsWorthThreads ? 1 : availableParallelism(),
): { readonly stepper: LloydStepper; close(): Promise<void> } {
  const workerCount = Math.min(threads, chunkCount(matrix.rowCount)) - 1;
  const memory = workerCount > 0 ? sharedMemory(matrix) : privateMemory(matrix);
  const workers = Array.from({ length: Math.max(0, workerCount) }, () =>
    startThread('lloyd-worker', { memory } satisfies WorkerSetup),
  );
  const team = watch(workers);
  let blocks = shared(Float64Array, 0);
  const stepper = matrixStepper({ matrix, weights: null, labels: memory.labels }, async (input) => {
    await setImmediate();
    const chunks = chunkCount(matrix.rowCount);
    const blocksLength = blockSumsLength(matrix.rowCount, input.k, matrix.columnCount);
    if (blocks.length !== blocksLength) blocks = shared(Float64Array, blocksLength);
    const message: StepMessage = {
      ...input,
      blocks,
      counters: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
      partials: shared(Float64Array, chunks * partialLength(input.k, matrix.columnCount)),
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    for (const worker of workers) worker.postMessage(message);
    takeChunks(memory, message);
    await team.until(() => Atomics.load(message.counters, finishedChunks) === chunks);
    return addPartials(message.partials, input.k, matrix.columnCount);
  });
  return {
    stepper,
    async close() {
      team.dismiss();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

type Team = {
  /** Resolves when the condition holds; it is looked at whenever a worker reports. Rejects once a worker has failed. */
  until(condition: () => boolean): Promise<void>;
  /** From now on a worker may end without that being a failure. */
  dismiss(): void;
};

function watch(workers: readonly Worker[]): Team {
  let failure: Error | undefined;
  let dismissed = false;
  let wake: (() => void) | undefined;
  const fail = (cause: Error): void => {
    if (!dismissed) failure ??= cause;
    wake?.();
  };
  for (const worker of workers) {
    worker.on('message', () => wake?.());
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a worker thread ended with code ${code}`)));
  }
  return {
    async until(condition) {
      while (!condition()) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    dismiss() {
      dismissed = true;
    },
  };
}

function privateMemory(matrix: Matrix): LloydMemory {
  const { rowCount } = matrix;
  return { ...matrix, weights: null, labels: new Int32Array(rowCount), expiry: new Float32Array(rowCount) };
}

function sharedMemory(matrix: Matrix): LloydMemory {
  const { rowCount } = matrix;
  let { values } = matrix;
  if (!(values.buffer instanceof SharedArrayBuffer)) {
    values = shared(Float64Array, matrix.values.length);
    values.set(matrix.values);
  }
  return {
    ...matrix,
    values,
    weights: null,
    labels: shared(Int32Array, rowCount),
    expiry: shared(Float32Array, rowCount),
  };
}

function shared<Values>(
  type: { readonly BYTES_PER_ELEMENT: number; new (buffer: SharedArrayBuffer): Values },
  length: number,
): Values {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT));
}
