import { describe, expect } from 'vitest';
import { idAt } from '../../../src/frame/id.ts';
import type { TagSet } from '../../../src/frame/tags.ts';
import { stagingEngines, type StagingDatabase } from '../../support/staging-databases.ts';
import {
  candidate,
  candidatesOf,
  checksum,
  failureOf,
  publishRun,
  runOf,
  setUp,
} from '../../support/staging-fixtures.ts';

type Merging = {
  readonly name: string;
  /** SQL that comes first. */
  readonly before?: string;
  /** The type of customer_id in a tag table that somebody else made. */
  readonly type: string;
  /** Ids that the column takes for one, in bytewise order. */
  readonly same: readonly [string, string];
};

const icu = "create collation careless (provider = icu, locale = 'und-u-ks-level1', deterministic = false)";
const merging: Readonly<Record<string, readonly Merging[]>> = {
  SQLite: [
    { name: 'NOCASE', type: 'text collate nocase', same: ['A', 'a'] },
    { name: 'RTRIM', type: 'text collate rtrim', same: ['a', 'a '] },
  ],
  PostgreSQL: [
    { name: 'a nondeterministic ICU collation', before: icu, type: 'varchar(255) collate careless', same: ['a', 'Ä'] },
    { name: 'citext', before: 'create extension citext', type: 'citext', same: ['A', 'a'] },
    { name: 'character', type: 'char(40)', same: ['a', 'a '] },
  ],
  MariaDB: [
    { name: 'a collation without case', type: 'varchar(255) collate utf8mb4_general_ci', same: ['A', 'a'] },
    { name: 'a collation without accents', type: 'varchar(255) collate utf8mb4_unicode_ci', same: ['a', 'ä'] },
    { name: 'a collation that pads', type: 'varchar(255) collate utf8mb4_bin', same: ['a', 'a '] },
    { name: 'another character set', type: 'varchar(255) character set latin1', same: ['A', 'a'] },
  ],
};

async function makeTable({ query }: StagingDatabase, { before, type }: Merging): Promise<void> {
  if (before) await query(before);
  const text = ['segment', 'segment_name', 'campaign', 'previous_segment', 'state', 'run_id'];
  await query(`create table crm_tag (job varchar(64), customer_id ${type}, ${text.map((name) => `${name} varchar(255)`).join()},
    scores ${type.includes('collate careless') || type === 'citext' || type === 'char(40)' ? 'json' : 'varchar(200)'},
    segment_since date, change_seq bigint, primary key (job, customer_id))`);
}

describe.each(stagingEngines)('a tag table on $name that somebody else made', ({ it, fresh, name }) => {
  describe.each([...(merging[name] ?? [])])('with $name in its key', (kind) => {
    const [first, second] = kind.same;

    it('is refused customers who would share a row, each named, before anything is published', async () => {
      const { database, staging } = await setUp({ fresh });
      await makeTable(database, kind);
      await staging.migrate(['crm_tag']);
      const before = await checksum(database);
      const rows = candidatesOf(candidate(first), candidate(second), candidate('z'));
      const failure = await failureOf(publishRun(staging, 'r1', rows, { table: 'crm_tag' }));
      expect(failure.code).toBe('E_CRM_REFUSED_ROWS');
      expect(failure.message).toContain(`${JSON.stringify(first)}, ${JSON.stringify(second)}.`);
      expect(failure.message).not.toContain('"z"');
      expect(failure.remedy).toContain('collation');
      expect(await checksum(database)).toBe(before);
    });

    it('is refused a plan with a customer who would share the row of one who is there', async () => {
      const { database, staging } = await setUp({ fresh });
      await makeTable(database, kind);
      await staging.migrate(['crm_tag']);
      await publishRun(staging, 'r1', candidatesOf(candidate(first)), { table: 'crm_tag' });
      await staging.insertRun(runOf('r2', { targetTable: 'crm_tag' }));
      const candidates = candidatesOf(candidate(second), candidate('z'));
      const plan = {
        runId: 'r2',
        job: 'opportunities',
        targetTable: 'crm_tag',
        status: 'planned',
        model: null,
      } as const;
      const failure = await failureOf(staging.savePlan({ ...plan, candidates }));
      expect(failure.code).toBe('E_CRM_REFUSED_ROWS');
      for (const id of kind.same) expect(failure.message).toContain(JSON.stringify(id).slice(0, -1));
      expect(await database.query('select * from segtag_candidate where run_id = ?', ['r2'])).toEqual([]);
    });

    it('takes every change of customers who stay apart', async () => {
      const { database, staging } = await setUp({ fresh });
      await makeTable(database, kind);
      await staging.migrate(['crm_tag']);
      await publishRun(staging, 'r1', candidatesOf(candidate(first), candidate('z')), { table: 'crm_tag' });
      const moved = candidate(first, { kind: 'move', expectedChangeSeq: 1, segment: 'win_back' });
      await publishRun(staging, 'r2', candidatesOf(moved, candidate('y')), { table: 'crm_tag' });
      const rows = await database.query('select customer_id, segment from crm_tag order by change_seq');
      expect(rows.map(({ customer_id: id, segment }) => `${String(id).trim()} ${String(segment)}`)).toEqual([
        'z renewal',
        `${first} win_back`,
        'y renewal',
      ]);
    });
  });

  it('is read in the order of bytes, also in parts, whatever order its key has', async () => {
    const { database, staging } = await setUp({ fresh });
    await makeTable(database, merging[name]![0]!);
    await staging.migrate(['crm_tag']);
    const ids = ['B', 'C', 'D', 'a', 'b2', 'c2', 'd2', 'é'];
    await publishRun(staging, 'r1', candidatesOf(...ids.map((id) => candidate(id))), { table: 'crm_tag' });
    for (const rowsOfPart of [2, 100]) {
      const query = { job: 'opportunities', table: 'crm_tag', withScores: false, rowsOfPart };
      const found = await staging.readTagsInParts(query, () => {
        const taken: string[] = [];
        const take = ({ customerId, rowCount }: TagSet): void => {
          for (let row = 0; row < rowCount; row++) taken.push(idAt(customerId, row));
        };
        return { take, finish: () => taken };
      });
      expect(found).toEqual(ids);
    }
  });

  it('names at most ten', async () => {
    const kind = merging[name]![0]!;
    const { database, staging } = await setUp({ fresh });
    await makeTable(database, kind);
    await staging.migrate(['crm_tag']);
    const upper = Array.from({ length: 8 }, (_, i) => candidate(`A${i}`));
    const lower = Array.from({ length: 8 }, (_, i) => candidate(`a${i}`));
    const failure = await failureOf(publishRun(staging, 'r1', candidatesOf(...upper, ...lower), { table: 'crm_tag' }));
    expect(failure.message).toMatch(/"a1" and more\./);
    expect(failure.message).not.toContain('"a2"');
  });
});
