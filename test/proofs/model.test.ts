import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openStaging } from '../../src/staging/staging.ts';
import { nightsOf } from '../support/nights.ts';
import { anyCommand } from '../support/proofs/commands.ts';
import { rowsOf, sixty } from '../support/proofs/customers.ts';
import type { Model, Real } from '../support/proofs/model.ts';
import { isFull } from '../support/proofs/seeds.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
const numRuns = isFull ? 500 : 50;
const replayed = process.env.SEGTAG_TEST_SEED;

function fileOf({ connection }: StagingDatabase): string {
  const { config } = connection;
  if (config.client !== 'sqlite') throw new Error('not a file');
  return config.file;
}

/** A migrated database with somebody else's row in the tag table and a first published night. */
async function makeTemplate(): Promise<{ file: string; runId: string }> {
  const database = await sqlite.fresh();
  const staging = await openStaging(database.connection);
  await staging.migrate(['segment_tag']);
  await staging.close();
  await database.query(
    `insert into segment_tag (job, customer_id, segment, segment_since, state, run_id, change_seq)
     values ('foreign', 'C000', 'theirs', '2026-01-01', 'active', 'theirs', 0)`,
  );
  const { ended, runId } = await nightsOf(database, rowsOf(sixty)).run({ asOf: '2026-01-01' });
  expect(ended).toBe('published');
  await database.query('pragma wal_checkpoint(truncate)');
  return { file: fileOf(database), runId };
}

it(
  `${numRuns} sequences of changes, runs, crashes, edits and decisions end as a model says`,
  { timeout: 3_600_000 },
  async () => {
    const template = await makeTemplate();
    const tally = new Map<string, number>();
    const seed = replayed === undefined ? 20_260_101 : Number(replayed);
    const sequence = fc.asyncProperty(
      fc.array(anyCommand, { minLength: 8, maxLength: 12, size: 'max' }),
      async (steps) => {
        const database = await sqlite.fresh();
        mkdirSync(dirname(fileOf(database)), { recursive: true });
        copyFileSync(template.file, fileOf(database));
        await fc.asyncModelRun(() => {
          const model: Model = {
            source: sixty,
            tags: sixty,
            published: [{ runId: template.runId, tags: sixty }],
            held: undefined,
            edited: new Set(),
            name: 'Recent',
            publishedName: 'Recent',
            rolledBack: false,
            day: 0,
          };
          const real: Real = { database, nights: nightsOf(database, rowsOf(sixty)), tally };
          return { model, real };
        }, steps);
        await database.drop();
      },
    );
    await fc.assert(sequence, { numRuns, seed, endOnFailure: true });
    const figures = [...tally]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([step, times]) => `${step} ${times}`);
    console.log(`model, ${numRuns} sequences, SEGTAG_TEST_SEED=${seed}: ${figures.join(', ')}`);
  },
);
