import { describe, expect } from 'vitest';
import { loadJob } from '../../src/job/load-job.ts';
import { resumeRun } from '../../src/pipeline/decisions/decision.ts';
import { nightOf, staged } from '../support/in-process.ts';
import type { TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase, type StagingEngine } from '../support/staging-databases.ts';
import { failureOf } from '../support/staging-fixtures.ts';

const deciding = { now: new Date(), decidedBy: 'somebody@somewhere', reason: null };
const [sqlite, ...servers] = stagingEngines;

async function published({ fresh }: StagingEngine): Promise<{ database: StagingDatabase; project: TestProject }> {
  const database = await fresh();
  const project = smallProject(database);
  edit(project, 'jobs/small.yaml', 'labels:', 'retry: { budget_seconds: 0 }\nlabels:');
  await staged(database.connection, (staging) => staging.migrate(['segment_tag']));
  await nightOf(project, database.connection, '2026-03-01');
  return { database, project };
}

describe.each(servers)('retrying a run on $name', (engine) => {
  engine.it('publishes what it kept when the CRM failed it, without the warehouse', async () => {
    const { database, project } = await published(engine);
    writeCustomers(project, [...sixtyCustomers, ['C900', 15, 120]]);
    const holder = await database.session();
    await holder.query('begin');
    await holder.query('select * from segtag_sequence for update');
    const failing = nightOf(project, database.connection, '2026-03-02', { patience: { lockWaitMs: 1000 } });
    expect(await failureOf(failing)).toMatchObject({ code: 'E_CRM_LOST' });
    await holder.query('rollback');
    await holder.close();
    writeCustomers(project, []);
    await staged(database.connection, async (staging) => {
      const [failed] = await staging.listRuns({ job: 'small', limit: 1 });
      expect(failed).toMatchObject({ status: 'failed', errorCode: 'E_CRM_LOST' });
      const loaded = loadJob(project.directory, 'small');
      expect(await resumeRun(staging, loaded, failed!.runId, deciding)).toMatchObject({ rows: 1 });
      const done = { status: 'published', errorCode: null, counts: { entered: 1 } };
      expect(await staging.findRun(failed!.runId)).toMatchObject(done);
      const again = failureOf(resumeRun(staging, loaded, failed!.runId, deciding));
      expect(await again).toMatchObject({ code: 'E_STALE_PLAN' });
    });
    await database.drop();
  });
});

describe('retrying a run that failed before anything was computed', () => {
  sqlite!.it('computes its night again, for the same date', async () => {
    const { database, project } = await published(sqlite!);
    writeCustomers(project, [['C000', 'NaN', 1]]);
    expect(await failureOf(nightOf(project, database.connection, '2026-03-02'))).toMatchObject({
      code: 'E_FEATURE_NOT_FINITE',
    });
    const [failed] = await database.query("select run_id from segtag_run where status = 'failed'");
    writeCustomers(project, [...sixtyCustomers, ['C900', 15, 120], ['C901', 15, 120]]);
    edit(project, 'jobs/small.yaml', 'identifiers:', 'params: { but: C900 }\n  identifiers:');
    edit(project, 'sql/small/customers.sql', 'IS NOT NULL', 'IS NOT NULL AND id <> :but');
    const options = ['--set', 'but=C901', '--json'];
    const { exitCode, stdout } = await project.segtag(['retry', String(failed!.run_id), ...options]);
    expect({ exitCode, result: JSON.parse(stdout) as object }).toMatchObject({
      exitCode: 0,
      result: { run: { status: 'published', as_of: '2026-03-02', trigger: 'retry' }, counts: { entered: 1 } },
    });
    expect(await database.query("select customer_id from segment_change where customer_id >= 'C9'")).toEqual([
      { customer_id: 'C900' },
    ]);
    expect(await database.query('select run_id, action from segtag_decision')).toEqual([
      { ...failed, action: 'retry' },
    ]);
    await database.drop();
  });
});
