type Say = (message: string, fields?: Readonly<Record<string, unknown>>) => unknown;

/** What the parts of the program log with, without a word about where it goes. */
export type Logger = {
  readonly info: Say;
  readonly warn: Say;
  readonly error: Say;
  readonly log: (level: 'info' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => unknown;
};

const nothing = (): void => {};

/** Says nothing, and needs no library for it. */
export const silentLogger: Logger = { info: nothing, warn: nothing, error: nothing, log: nothing };
