import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { edit, smallProject } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';
import { itWithTmux, openTmux, type TmuxSession } from '../support/tmux.ts';

describe('on a terminal of 80 columns', () => {
  let terminal: TmuxSession;
  let directory = '';

  beforeAll(async () => {
    ({ directory } = smallProject(await stagingEngines[0]!.fresh()));
    terminal = openTmux(directory);
  });
  beforeEach(() => terminal.clear());
  afterAll(() => terminal.close());

  itWithTmux('plan, approve and status show what they did, each line whole', async () => {
    terminal.type('segtag plan small');
    const planned = await terminal.shows(/Publish it: segtag approve small-\S+\n/);
    expect(planned).toMatch(/✓ extract {3}60 customers/);
    expect(planned).toMatch(/^ {2}Recent +30 +50\.0%/m);
    const [, run] = /^run (small-\S+) · as of 2026-06-30/m.exec(planned) ?? [];
    terminal.type(`segtag approve ${run}; segtag status`);
    const status = await terminal.shows(/^No job is overdue/m);
    expect(status).toContain(`${run} is published.`);
    expect(status).toMatch(/^ {2}small +20\S+/m);
  });

  itWithTmux('a run that waits says for how long, ends at Ctrl-C with its code, and leaves no half line', async () => {
    edit({ directory }, 'jobs/small.yaml', 'labels:', 'ready: { wait_up_to: 2h }\nlabels:');
    writeFileSync(join(directory, 'sql/small/ready.sql'), 'SELECT 1 WHERE false\n');
    terminal.type('segtag run small; echo "exit $?"');
    await terminal.shows(/^… ready +1\.\ds$/m);
    terminal.press('C-c');
    const screen = await terminal.shows(/^exit 130$/m);
    expect(screen).toMatch(/^E_INTERRUPTED\n.*Nothing was published[\s\S]*^Next: /m);
    expect(screen).not.toMatch(/^… ready +\d/m);
    edit({ directory }, 'jobs/small.yaml', 'ready: { wait_up_to: 2h }\n', '');
    rmSync(join(directory, 'sql/small/ready.sql'));
  });

  itWithTmux('what is piped has whole lines and no control codes, also from a terminal', async () => {
    terminal.type('segtag run small 2>&1 | cat -v; echo "exit ${PIPESTATUS[0]}"');
    const screen = await terminal.shows(/^exit 0$/m);
    expect(screen).toMatch(/M-bM-\^\\M-\^S extract {3}60 customers/);
    expect(screen).not.toMatch(/\^\[|\^M(?!-)/);
    expect(screen).not.toMatch(/ready +\d/);
  });

  itWithTmux(
    'init asks which job to start from, again where the answer is none, and Ctrl-C writes nothing',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'segtag-asked-'));
      terminal.type(`segtag init ${folder}/a; echo "exit $?"`);
      await terminal.shows(/Which job to start from\? \[opportunities\]/);
      terminal.type('9');
      await terminal.shows(/Type a number from 1 to/);
      terminal.type('2');
      await terminal.shows(/Wrote \d+ files to[\s\S]*^exit 0$/m);
      expect(readdirSync(join(folder, 'a/jobs'))).toEqual(['rfm.yaml']);
      terminal.clear();
      terminal.type(`segtag init ${folder}/b; echo "exit $?"`);
      await terminal.shows(/Which job to start from/);
      terminal.press('C-c');
      await terminal.shows(/E_INTERRUPTED[\s\S]*^exit 130$/m);
      expect(readdirSync(folder)).toEqual(['a']);
    },
  );
});
