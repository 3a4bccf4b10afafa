import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { it, type TestAPI } from 'vitest';
import { soonMs } from './patience.ts';

/** A terminal of 80 columns with a shell that knows the compiled segtag. */
export type TmuxSession = {
  /** Types a line and the return key. */
  type(line: string): void;
  /** Presses a key, as tmux names it: `C-c`. */
  press(key: string): void;
  /** The screen with what has scrolled away and broken lines joined, once it shows this; throws with what it shows when it does not. */
  shows(text: RegExp): Promise<string>;
  clear(): void;
  close(): void;
};

/** `it` where tmux is installed; elsewhere a loud skip, or a failure where engines are required. */
export const itWithTmux = itIn();

/** Opens a terminal in a folder. */
export function openTmux(folder: string): TmuxSession {
  const socket = `segtag-test-${process.pid}`;
  const tmux = (...args: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync('tmux', ['-u', '-L', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', TMUX: '' },
    });
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  tmux('new-session', '-d', '-x', '80', '-y', '60', '-c', folder, 'env -u CI PS1="> " bash --norc --noprofile');
  const session: TmuxSession = {
    type: (line) => tmux('send-keys', line, 'Enter'),
    press: (key) => tmux('send-keys', key),
    clear() {
      tmux('send-keys', '-R', 'C-l');
      tmux('clear-history');
    },
    async shows(text) {
      const until = performance.now() + soonMs;
      for (;;) {
        const screen = tmux('capture-pane', '-p', '-J', '-S', '-');
        if (text.test(screen)) return screen;
        if (performance.now() > until) throw new Error(`The screen does not show ${String(text)}:\n${screen}`);
        await sleep(50);
      }
    },
    close: () => tmux('kill-server'),
  };
  session.type(`segtag() { ${process.execPath} ${resolve('dist/main.js')} "$@"; }`);
  return session;
}

function itIn(): TestAPI {
  const isThere = spawnSync('tmux', ['-V']).status === 0;
  if (isThere || process.env.SEGTAG_TEST_REQUIRE_ENGINES === '1') return it;
  console.warn('SKIPPED: tests on a terminal. Install tmux.');
  return it.skip as unknown as TestAPI;
}
