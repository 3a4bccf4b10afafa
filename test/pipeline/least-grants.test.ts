import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { controlGroup } from '../../src/analysis/decide/control.ts';
import { idColumn } from '../../src/frame/id.ts';
import { loadJob } from '../../src/job/load-job.ts';
import { approveRun, rejectRun } from '../../src/pipeline/decisions/decision.ts';
import { pruneJob } from '../../src/pipeline/decisions/prune.ts';
import { repair, rollBack } from '../../src/pipeline/decisions/restore.ts';
import { serviceTables } from '../../src/staging/migrations/service-tables.ts';
import { openStaging } from '../../src/staging/staging.ts';
import { nightOf, restoring, staged } from '../support/in-process.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';

/** Knex creates it beside the migrations, and only `segtag migrate` looks at it. */
const lock = 'segtag_migration_lock';

/** The tables of the GRANT that the documentation gives. */
function documentedTables(): string[] {
  const text = readFileSync('docs/connections.md', 'utf8');
  const [, tables = ''] = /GRANT SELECT, INSERT, UPDATE, DELETE ON ([\w\s,]+) TO segtag;/.exec(text) ?? [];
  return tables.split(/,\s*/);
}

const deciding = { now: new Date(), decidedBy: 'somebody@somewhere', reason: 'a test' };

describe.each(stagingEngines)('on $name a user with the least grants', ({ it, fresh }) => {
  it('runs a whole job: night after night, a plan, a rollback, a repair and a prune', async () => {
    const database = await fresh();
    const project = smallProject(database);
    const policies =
      'guards: { moved: off, leavers: off }\npublish: { keep_runs: 1, control: 20%, leavers: delete }\nlabels:';
    edit(project, 'jobs/small.yaml', 'labels:', policies);
    const admin = await openStaging(database.connection);
    await admin.migrate(['segment_tag']);
    await admin.close();
    const granted = [...documentedTables(), 'segtag_migration'];
    expect(granted.toSorted()).toEqual(['segment_tag', ...serviceTables].filter((table) => table !== lock).toSorted());
    const crm = await database.withLeastGrants(granted);
    const slot = { slot: new Date('2026-03-01T02:00:00.000Z'), trigger: 'schedule' } as const;
    const first = await nightOf(project, crm, '2026-03-01', slot);
    writeCustomers(project, [...sixtyCustomers.slice(2), ['C900', 15, 120]]);
    const second = await nightOf(project, crm, '2026-03-02');
    expect(second).toMatchObject({ run: { status: 'published' }, counts: { entered: 1, left: 2, unchanged: 58 } });
    expect((await nightOf(project, crm, '2026-03-03')).run.status).toBe('no_change');
    const flags = await database.query(
      "select customer_id, control from segment_tag where state = 'active' order by customer_id",
    );
    const ids = idColumn(flags.map((row) => String(row.customer_id)));
    const controlOf = controlGroup('small', 0.2);
    expect(flags.map(({ control }) => Number(control))).toEqual(flags.map((_, row) => controlOf(ids, row)));

    writeCustomers(project, sixtyCustomers);
    const { run: rejected } = await nightOf(project, crm, '2026-03-04', { mode: 'plan' });
    await staged(crm, (staging) => rejectRun(staging, rejected.id, deciding));
    const { run: planned } = await nightOf(project, crm, '2026-03-04', { mode: 'plan' });
    await staged(crm, async (staging) => {
      const loaded = loadJob(project.directory, 'small');
      await approveRun(staging, loaded, planned.id, { ...deciding, allowOlder: false });
      const back = await rollBack(restoring(project, staging), first.run.id);
      expect(back.run.status).toBe('published');
      await database.query("update segment_tag set campaign = 'by hand' where customer_id = 'C010'");
      expect((await repair(restoring(project, staging)))?.counts.updated).toBe(1);
      const signal = new AbortController().signal;
      expect((await pruneJob(staging, loaded, { dryRun: false, now: new Date(), signal })).changes).toBeGreaterThan(0);
      expect(await staging.findDrift({ job: 'small', table: 'segment_tag' })).toEqual({
        edited: [],
        missing: [],
        foreign: [],
      });
      const alert = { job: 'small', alert: 'failed' };
      const message = { id: 'm', channel: 'ops', job: 'small', createdMs: 1, body: '{}' };
      const record = { sinceMs: 1, observedMs: 1, occurrences: 1, runId: null };
      await staging.changeAlert(alert, () => ({ record, messages: [message] }));
      expect(await staging.activeAlerts('small')).toHaveLength(1);
      expect(await staging.claimMessage(message, 1000)).toBe(true);
      await staging.settleMessage(message);
      await staging.acknowledge('crm-sync', await staging.feedFloor());
      expect((await staging.listDecisions([planned.id, rejected.id])).map(({ action }) => action).sort()).toEqual([
        'approve',
        'reject',
      ]);
    });
    await database.drop();
  });
});
