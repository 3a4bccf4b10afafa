import type { Knex } from 'knex';
import { describe, expect, onTestFinished } from 'vitest';
import { connectStore } from '../../../src/staging/connect.ts';
import { findDrift } from '../../../src/staging/tags/drift.ts';
import type { Store } from '../../../src/staging/engines/engine.ts';
import { publish } from '../../../src/staging/publish/publish.ts';
import { itWithPostgres } from '../../support/engines.ts';
import { stagingEngines } from '../../support/staging-databases.ts';
import { candidate, instant, manyEntering, publishRun, runOf, setUp } from '../../support/staging-fixtures.ts';

const tags = { job: 'opportunities', table: 'segment_tag' };
const large = ['segment_tag', 'segtag_candidate', 'segment_change'];
/** More than are read as a whole. */
const customers = 20_500;

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
};
type Explained = { readonly sql: string; readonly plan: Plan };

describe('on PostgreSQL without statistics', () => {
  itWithPostgres('the look for drift compares no row with all others', async () => {
    const { store, explained } = await publishedOnce();
    await store.knex('segtag_run').update({ tag_checksum: null });
    expect(await findDrift(store, tags)).toEqual({ edited: [], missing: [], foreign: [] });
    expect(explained).toHaveLength(3);
    for (const { sql, plan } of explained)
      expect(
        nodes(plan).map((node) => node['Node Type']),
        sql,
      ).not.toContain('Nested Loop');
  });

  itWithPostgres('a publish of few looks its customers up and reads no whole tag table', async () => {
    const { store, explained } = await publishedOnce();
    const changes = { candidates: { count: 100, at: (index: number) => moved(index * 7) }, model: null };
    const run = { ...tags, runId: 'r2', baseRunId: 'r1', leavers: 'tombstone', publishedAt: instant } as const;
    expect(await publish(store, { ...run, changes })).toMatchObject({ rows: 100 });
    const ofBoth = explained.filter(({ sql }) => sql.includes('segment_tag') && sql.includes('segtag_candidate'));
    expect(ofBoth.map(({ sql }) => sql.trimStart().split(' ')[0])).toEqual([
      'select',
      'select',
      'select',
      'update',
      'insert',
    ]);
    for (const { sql, plan } of ofBoth)
      for (const node of nodes(plan).filter(readsTags)) expect(node['Index Cond'], sql).toContain('customer_id');
    expect(ofBoth.flatMap(({ plan }) => nodes(plan).filter(readsTags))).toHaveLength(4);
  });
});

function readsTags(node: Plan): boolean {
  return node['Relation Name'] === tags.table && node['Node Type'] !== 'ModifyTable';
}

function moved(index: number): ReturnType<typeof candidate> {
  const id = `c${String(index).padStart(7, '0')}`;
  const from = { kind: 'move', fromSegment: 'renewal', expectedChangeSeq: index + 1 } as const;
  return candidate(id, { ...from, segment: 'win_back', previousSegment: 'renewal' });
}

/** One night is published and the next run begun, on tables that nothing has analysed. */
async function publishedOnce(): Promise<{ store: Store; explained: readonly Explained[] }> {
  const postgres = stagingEngines.find(({ name }) => name === 'PostgreSQL');
  if (!postgres) throw new Error('PostgreSQL is no staging engine');
  const { database, staging } = await setUp(postgres);
  for (const table of large) await database.query(`alter table ${table} set (autovacuum_enabled = false)`);
  await publishRun(staging, 'r1', manyEntering(customers));
  await staging.insertRun(runOf('r2'));
  const { store, close } = await connectStore(database.connection);
  onTestFinished(close);
  return explaining(store);
}

/** The store, which has each statement explained before it runs. */
function explaining({ knex, engine }: Store): { store: Store; explained: readonly Explained[] } {
  const explained: Explained[] = [];
  const run: Store['engine']['run'] = async (db, statement, values) => {
    const sql = db.raw(statement, values as Knex.RawBinding[]).toQuery();
    if (large.some((table) => sql.includes(table))) {
      const { rows } = await engine.run(db, `explain (format json) ${statement}`, values);
      const [{ Plan: plan }] = JSON.parse(String(rows[0]?.['QUERY PLAN'])) as [{ Plan: Plan }];
      explained.push({ sql, plan });
    }
    return engine.run(db, statement, values);
  };
  return { store: { knex, engine: { ...engine, run } }, explained };
}

/** A plan and all below it. */
function nodes(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}
