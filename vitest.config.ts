import { defineConfig } from 'vitest/config';

const common = { testTimeout: 60_000, hookTimeout: 120_000 };
const servers = { globalSetup: ['test/support/servers/global-setup.ts'] };

export default defineConfig({
  test: {
    // Most tests wait for a server or a process of their own, so that no core is left over for the runner.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['test/{frame,job,analysis,errors,notify,report}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'engines',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{frame,job,analysis,errors,notify,report}/**'],
          ...servers,
          env: { TZ: process.env.TZ ?? 'UTC' },
        },
      },
      {
        test: {
          ...common,
          // The contracts once more where clocks skip an hour: a date that goes through local time moves there.
          name: 'new-york',
          include: ['test/warehouse/reader-contract.test.ts', 'test/staging/staging-contract.test.ts'],
          ...servers,
          env: { TZ: 'America/New_York' },
        },
      },
    ],
  },
});
