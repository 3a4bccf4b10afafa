import { parentPort, workerData } from 'node:worker_threads';
import type { StepMessage, WorkerSetup } from './protocol.ts';
import { takeChunks } from './take-chunks.ts';

const { memory } = workerData as WorkerSetup;

parentPort?.on('message', (step: StepMessage) => {
  takeChunks(memory, step);
  parentPort?.postMessage('done');
});
