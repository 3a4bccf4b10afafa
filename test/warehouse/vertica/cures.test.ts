import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cures } from '../../../src/warehouse/vertica/cures.ts';
import { bundled } from '../../support/bundled.ts';
import { cureScenarios } from './cure-scenarios.ts';
import { soonMs } from '../../support/patience.ts';

type Outcome = 'held' | 'failed' | 'process died' | 'hung';

const rows: { readonly defect: string; readonly without: Outcome; readonly with: Outcome }[] = [];

afterAll(() => {
  const width = Math.max(...rows.map(({ defect }) => defect.length));
  const line = (defect: string, without: string, cured: string): string =>
    `${defect.padEnd(width)}  ${without.padEnd(17)}  ${cured}`;
  const table = rows.map(({ defect, without, with: cured }) => line(defect, told(without), told(cured)));
  console.log([line('defect of vertica-nodejs 1.1.4', 'without its cure', 'with it'), ...table].join('\n'));
});

function told(outcome: Outcome): string {
  return outcome === 'held' ? 'green' : `red: ${outcome}`;
}

describe('each cure of the driver is needed, and enough', () => {
  let cured: Output;

  beforeAll(async () => (cured = await run()));

  it('and has a scenario', () => expect(cureScenarios).toHaveLength(cures.length));

  it.each(cures.map(({ defect }, i) => [defect, i] as const))('%s', async (defect, i) => {
    const row = { defect, without: outcomeOf(await run(i), i), with: outcomeOf(cured, i) };
    rows.push(row);
    expect(row.without).not.toBe('held');
    expect(row.with, cured.stderr).toBe('held');
  });
});

const script = await bundled('vertica-cure-process');

type Output = { readonly stdout: string; readonly stderr: string; readonly killed: boolean };

/** Runs the scenario of one cure without it, or all of them with all cures, where UTC isn't the time of day. */
function run(...without: readonly number[]): Promise<Output> {
  const parameters = [script, ...without.map(String)];
  const options = { timeout: soonMs, env: { ...process.env, TZ: 'America/New_York' } };
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, options, (error, stdout, stderr) =>
      resolve({ stdout, stderr, killed: error?.killed === true }),
    );
  });
}

function outcomeOf({ stdout, stderr, killed }: Output, cure: number): Outcome {
  if (stdout.includes(`held ${cure}`)) return 'held';
  if (killed || /hangs|has not settled/.test(stderr)) return 'hung';
  return stderr.includes('AssertionError') ? 'failed' : 'process died';
}
