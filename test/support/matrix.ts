import { afterAll, afterEach } from 'vitest';

/**
 * Inside a describe block: counts its tests and, when they are done, prints one line with the
 * contract, the engine and its version, the time zone and how the tests ended.
 */
export function printMatrixLine(contract: string, engine: string, version: () => Promise<string>): void {
  const counts = { passed: 0, failed: 0 };
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') counts.failed++;
    else counts.passed++;
  });
  afterAll(async () => {
    if (counts.passed + counts.failed === 0) return;
    const zone = process.env.TZ ?? 'UTC';
    const ended = `${counts.passed} passed, ${counts.failed} failed`;
    console.log(
      `matrix  ${contract.padEnd(8)} ${engine.padEnd(11)} ${(await version()).padEnd(36)} ${zone.padEnd(17)} ${ended}`,
    );
  });
}
