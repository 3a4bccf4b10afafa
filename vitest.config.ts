import { defineConfig } from 'vitest/config';

const common = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['test/{frame,job,analysis,errors}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'engines',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{frame,job,analysis,errors}/**'],
          globalSetup: ['test/support/servers/global-setup.ts'],
        },
      },
    ],
  },
});
