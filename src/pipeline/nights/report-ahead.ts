import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { canonicalJson } from '../../job/hash.ts';
import type { Night } from '../../report/night.ts';
import { startThread } from '../threads/start-thread.ts';

/** Below this many changes, a night is written before a thread has drawn anything. */
const changesWorthThread = 20_000;

/** A report that another thread draws while this one writes the night's changes. */
export type ReportAhead = {
  /** Begins to draw a night of so many changes, where there are enough and a core is left for it. */
  begin(changes: number, night: () => Promise<Night | null>): Promise<void>;
  /** The report of the night; null where none was begun, that failed, or it was of another night than this has become. */
  textOf(night: Night): Promise<string | null>;
  /** Ends the thread, whether or not it has done its work. */
  close(): Promise<void>;
};

/** Nothing that goes wrong here fails a night: whoever gets no text draws the report itself. */
export function reportAhead(leastChanges = changesWorthThread): ReportAhead {
  let begun: (Drawing & { readonly night: string }) | undefined;
  return {
    async begin(changes, read) {
      if (changes < leastChanges || availableParallelism() < 2) return;
      try {
        const found = await read();
        if (found === null) return;
        // As the run store keeps it, so that the thread reads what this one would.
        const night = canonicalJson(found);
        begun = { night, ...startDrawing(night) };
      } catch {
        begun = undefined;
      }
    },
    async textOf(night) {
      return begun?.night === canonicalJson(night) ? begun.text : null;
    },
    async close() {
      await begun?.worker.terminate();
    },
  };
}

type Drawing = { readonly worker: Worker; readonly text: Promise<string | null> };

function startDrawing(night: string): Drawing {
  const worker = startThread('report-worker', night);
  const text = new Promise<string | null>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', () => resolve(null));
    worker.once('exit', () => resolve(null));
  });
  return { worker, text };
}
