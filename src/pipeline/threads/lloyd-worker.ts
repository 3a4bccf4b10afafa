import { parentPort, workerData } from 'node:worker_threads';
import type { StepMessage, WorkerSetup } from './protocol.ts';
import { takeChunks } from './take-chunks.ts';

const { memory } = workerData as WorkerSetup;

parentPort?.on('message', (step: StepMessage) => {
  takeChunks(memory, step);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a parent thread has no origin
  parentPort?.postMessage('done');
});
