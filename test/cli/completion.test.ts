import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestAPI } from 'vitest';
import { typed } from '../support/typed.ts';

const project = mkdtempSync(join(tmpdir(), 'segtag-completion-'));
mkdirSync(join(project, 'jobs'));
for (const job of ['opportunities', 'rfm']) writeFileSync(join(project, 'jobs', `${job}.yaml`), '');

/** How each shell is asked what may follow a command line, one offer a line. */
const shells = {
  bash: (script: string, words: readonly string[]) =>
    `${script}\nCOMP_WORDS=(${words.map(quoted).join(' ')}); COMP_CWORD=${words.length - 1}; _segtag; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (script: string, words: readonly string[]) =>
    [
      'compdef() { : }; _files() { : }; compadd() { shift; print -l -- $@ }',
      '_describe() { local each; for each in ${(P)2}; do print -r -- ${each%%:*}; done }',
      script,
      `words=(${words.map(quoted).join(' ')}); CURRENT=${words.length}; _segtag`,
    ].join('\n'),
  fish: (script: string, words: readonly string[]) =>
    `${script}\ncomplete -C ${quoted(words.join(' '))} | string replace -r '\\t.*' ''`,
} as const;

for (const [shell, ask] of Object.entries(shells)) {
  const offered = async (...words: string[]): Promise<string[]> => {
    const { stdout: script } = await typed(['completion', shell]);
    const { stdout, stderr } = spawnSync(shell, ['-c', ask(script, ['segtag', ...words])], {
      cwd: tmpdir(),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const begun = words.at(-1) ?? '';
    return stdout.split('\n').filter((offer) => offer !== '' && offer.startsWith(begun));
  };

  describe(`in ${shell}`, () => {
    const itInShell = itWithShell(shell);

    itInShell('commands complete, and those below them', async () => {
      expect((await offered('ru')).sort()).toEqual(['run', 'runs']);
      expect(await offered('schedule', 'pre')).toEqual(['preview']);
      expect((await offered('completion', '')).sort()).toEqual(expect.arrayContaining(['bash', 'fish', 'zsh']));
    });

    itInShell('options complete behind a command and its arguments, and values where they are known', async () => {
      expect(await offered('--target', 'run', 'plan', 'opportunities', '--sh')).toEqual(['--show-ids']);
      expect(await offered('export', 'rfm', '--format', 'p')).toEqual(['parquet']);
    });

    itInShell('the names of the jobs complete, of the folder that -C says', async () => {
      expect(await offered('-C', project, 'run', 'op')).toEqual(['opportunities']);
      expect(await offered('-C', project, 'report', 'op')).toEqual([]);
    });
  });
}

function itWithShell(shell: string): TestAPI {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  if (isThere || process.env.SEGTAG_TEST_REQUIRE_ENGINES === '1') return it;
  console.warn(`SKIPPED: completion in ${shell}, which is not installed.`);
  return it.skip as unknown as TestAPI;
}

function quoted(text: string): string {
  return `'${text}'`;
}
