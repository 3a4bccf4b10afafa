import { parentPort, workerData } from 'node:worker_threads';
import { renderReport } from '../../report/render.ts';
import type { Night } from '../../report/night.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a parent thread has no origin
parentPort?.postMessage(renderReport(JSON.parse(workerData as string) as Night));
