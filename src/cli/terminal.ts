import { styleText } from 'node:util';
import { SegtagError } from '../errors.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const liveIntervalMs = 100;
const plainIntervalMs = 10_000;

/**
 * The one owner of stderr, where all talk goes: on a terminal one live line below finished lines,
 * elsewhere plain lines. Results go to stdout by `print`.
 */
export type Terminal = {
  /** A finished line of talk. */
  say(line: string): void;
  /** What is going on right now; replaced by the next call, or by `say`. */
  live(text: string): void;
  /** A line of the result. */
  print(text: string): void;
  style(style: Style, text: string): string;
  /** Asks a person, and gives the answer; absent where nobody sits at a terminal. */
  readonly ask?: (question: string) => Promise<string>;
  /** Columns of stdout when it is a terminal. */
  readonly width: number | undefined;
};

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const { stderr, stdout } = process;
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe);
  const isLive = stderr.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI === undefined;
  let drawn = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  const erase = (): void => {
    if (drawn) stderr.write('\r\u001B[2K');
    drawn = false;
  };
  // A process that ends at once, as at a second Ctrl-C, leaves no half line before the prompt.
  process.once('exit', erase);
  return {
    say(line) {
      erase();
      stderr.write(`${line}\n`);
      lastAt = performance.now();
    },
    live(text) {
      const now = performance.now();
      if (now - lastAt < (isLive ? liveIntervalMs : plainIntervalMs)) return;
      lastAt = now;
      if (!isLive) {
        stderr.write(`${text}\n`);
        return;
      }
      stderr.write(`\r\u001B[2K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
      drawn = true;
    },
    print(text) {
      erase();
      stdout.write(`${text}\n`);
    },
    style: (style, text) => styleText(style, text, { stream: stderr }),
    ...(process.stdin.isTTY && stdout.isTTY && stderr.isTTY ? { ask: askOnce } : {}),
    width: stdout.isTTY ? stdout.columns : undefined,
  };
}

/** Throws E_INTERRUPTED where Ctrl-C or Ctrl-D is the answer. */
async function askOnce(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const left = new Promise<never>((_, refuse) => {
    lines.once('close', () =>
      refuse(new SegtagError('E_INTERRUPTED', { what: 'Nothing was written.', remedy: 'Run the command again.' })),
    );
  });
  try {
    return await Promise.race([lines.question(question), left]);
  } finally {
    lines.close();
  }
}

/** Whoever reads may have had enough, as `| head` does: that is no failure of ours. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
