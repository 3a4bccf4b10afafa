import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { programFile, programOptions } from '../../installation.ts';

/** Starts a module of this folder in a thread of its own, which is handed `workerData`. */
export function startThread(module: 'lloyd-worker' | 'report-worker', workerData: unknown): Worker {
  const file = programFile(`pipeline/threads/${module}`);
  if (programOptions.length === 0) return new Worker(file, { workerData });
  // The option that lets a process read TypeScript does nothing in its threads.
  const [url, from] = [pathToFileURL(file).href, import.meta.url].map((each) => JSON.stringify(each));
  return new Worker(`import('tsx/esm/api').then(({ tsImport }) => tsImport(${url}, ${from}))`, {
    eval: true,
    workerData,
  });
}
