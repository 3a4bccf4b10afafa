import type { Progress } from '../pipeline/context.ts';

/** For work that nobody watches. */
export const silentProgress: Progress = {
  started: () => {},
  advanced: () => {},
  finished: () => {},
  waiting: () => {},
};
