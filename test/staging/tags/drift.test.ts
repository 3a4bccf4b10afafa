import { describe, expect } from 'vitest';
import type { Drift } from '../../../src/frame/tags.ts';
import type { Staging } from '../../../src/staging/staging.ts';
import { stagingEngines } from '../../support/staging-databases.ts';
import { candidate, candidatesOf, leaver, publishRun, setUp } from '../../support/staging-fixtures.ts';

const tags = { job: 'opportunities', table: 'segment_tag' };
const none: Drift = { edited: [], missing: [], foreign: [] };

/** `a` moves, `b` leaves, `c` stays. */
async function twoNights(staging: Staging, leavers: 'tombstone' | 'delete' = 'tombstone'): Promise<void> {
  await publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b'), candidate('c')));
  const move = candidate('a', { kind: 'move', segment: 'win_back', fromSegment: 'renewal', expectedChangeSeq: 1 });
  await publishRun(staging, 'r2', candidatesOf(move, leaver('b', 2)), { leavers });
}

describe.each(stagingEngines)('comparing tags with what runs wrote on $name', ({ it, fresh }) => {
  it('finds nothing where nobody has touched them, also when the rows of leavers are deleted', async () => {
    for (const leavers of ['tombstone', 'delete'] as const) {
      const { staging } = await setUp({ fresh });
      expect(await staging.findDrift(tags)).toEqual(none);
      await twoNights(staging, leavers);
      expect(await staging.findDrift(tags)).toEqual(none);
    }
  });

  it('finds a row that is gone where all others are as they were', async () => {
    const { database, staging } = await setUp({ fresh });
    await twoNights(staging);
    await database.query("delete from segment_tag where customer_id = 'c'");
    expect(await staging.findDrift(tags)).toEqual({ ...none, missing: ['c'] });
  });

  it('finds a row that was put back from an earlier night, word for word', async () => {
    const { database, staging } = await setUp({ fresh });
    await twoNights(staging);
    await database.query(
      "update segment_tag set segment = 'renewal', run_id = 'r1', change_seq = 1 where customer_id = 'a'",
    );
    expect(await staging.findDrift(tags)).toEqual({ ...none, edited: ['a'] });
  });

  it('takes scores that are spelled otherwise for the same, and others not', async () => {
    const { database, staging } = await setUp({ fresh });
    await twoNights(staging);
    await database.query(`update segment_tag set scores = '{ "r": 1.0 }' where customer_id = 'a'`);
    expect(await staging.findDrift(tags)).toEqual(none);
    await database.query(`update segment_tag set scores = '{"r":2}' where customer_id = 'a'`);
    expect(await staging.findDrift(tags)).toEqual({ ...none, edited: ['a'] });
  });
});
