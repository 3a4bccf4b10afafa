import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// What tests write goes to one folder, which goes with them. Servers may run as another user, who has to come through.
const scratch = mkdtempSync(join(tmpdir(), 'segtag-tests-'));
chmodSync(scratch, 0o711);
process.env.TMPDIR = scratch;
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

// Files leave nothing behind in the process, so their modules are loaded once for all of them.
// Time limits are for what hangs: they are wide, because a machine may have other work.
const common = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  isolate: false,
  expect: { poll: { timeout: 45_000, interval: 100 } },
};
const servers = { globalSetup: ['test/support/servers/global-setup.ts'] };

/** Whole nights of each job on each engine. */
const whole = 'test/pipeline/engines-agree.test.ts';
const longFiles = /(crashes|engines-agree|pipeline\/night|quiet|real-input|decisions|failures)\.test/;

/** The longest files begin first, so that none of them is left running alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => isLong(b) - isLong(a));
  }
}

function isLong({ moduleId }: TestSpecification): number {
  return Number(longFiles.test(moduleId));
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Most tests wait for a server or a process of their own, so that no core is left over for the runner.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['test/{frame,job,analysis,errors,notify,report,docs}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'engines',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{frame,job,analysis,errors,notify,report,docs}/**', whole],
          ...servers,
          env: { TZ: process.env.TZ ?? 'UTC' },
        },
      },
      {
        test: {
          ...common,
          // Where clocks skip an hour: the contracts once more, and whole nights on all engines. A date that goes through
          // local time moves there.
          name: 'new-york',
          include: ['test/warehouse/reader-contract.test.ts', 'test/staging/staging-contract.test.ts', whole],
          ...servers,
          env: { TZ: 'America/New_York' },
        },
      },
    ],
  },
});
