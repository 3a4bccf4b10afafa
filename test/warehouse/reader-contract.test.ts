import { expect, it } from 'vitest';
import { testEngines } from './engines.ts';
import { describeReader } from './reader-contract.ts';

it('runs in the time zone of its project', () => {
  expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(process.env.TZ);
});

for (const engine of testEngines) describeReader(engine);
