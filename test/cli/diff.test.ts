import { beforeAll, describe, expect, it } from 'vitest';
import { nightsOf } from '../support/nights.ts';
import { edit, sixtyCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';
import { typed } from '../support/typed.ts';

describe('segtag diff', () => {
  let directory = '';
  const runs: string[] = [];

  beforeAll(async () => {
    const nights = nightsOf(await stagingEngines[0]!.fresh());
    ({ directory } = nights);
    runs.push((await nights.run({ asOf: '2026-07-01' })).runId);
    nights.customersAre(sixtyCustomers.map(([id, days, value]): Customer => [id, id === 'C000' ? 600 : days, value]));
    edit(nights, 'jobs/small.yaml', 'name: Gone, campaign: win-back', 'name: Long gone, campaign: letter');
    runs.push((await nights.run({ asOf: '2026-07-02' })).runId);
  });

  it('shows sizes, new names, moves and figures, and says that it wrote nothing', async () => {
    const { exitCode, stdout } = await typed(['-C', directory, 'diff', ...runs]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Recent +30 +29 +−1 +50\.0% +48\.3%/);
    expect(stdout).toMatch(/gone was called Gone, and is called Long gone/);
    expect(stdout).toMatch(/gone was for win-back, and is for letter/);
    expect(stdout).toMatch(/^ {2}Recent +29 +1$/m);
    expect(stdout).toMatch(
      /1 customer differs; job file changed, sql the same, data changed\. Nothing was written\.\n$/,
    );
    expect(stdout).not.toContain('C000');
  });

  it('prints one object with --json', async () => {
    const { stdout } = await typed(['-C', directory, '--json', 'diff', ...runs]);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      before: { run: runs[0], status: 'published' },
      moves: [{ from: 'recent', to: 'gone', customers: 1 }],
      same: { job: false, sql: true, data: false },
    });
  });

  it('says that nothing differs between a run and itself', async () => {
    const { stdout } = await typed(['-C', directory, 'diff', runs[1]!, runs[1]!]);
    expect(stdout).toContain('No customer has another segment.');
  });

  it('refuses a run that is not there, with where to find one', async () => {
    const { exitCode, stderr } = await typed(['-C', directory, 'diff', runs[0]!, 'small-20200101T000000Z-aaaa']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('segtag runs');
  });
});
