import { describe, expect, onTestFinished } from 'vitest';
import type { Step } from '../../src/diagnosis/steps.ts';
import type { ResolvedConnection } from '../../src/job/connections-schema.ts';
import { diagnoseStaging } from '../../src/staging/diagnose.ts';
import { stagingEngines } from '../support/staging-databases.ts';
import { checksum, setUp } from '../support/staging-fixtures.ts';

const tables = ['segment_tag'];
const look = (connection: ResolvedConnection, now = () => Date.now()): Promise<readonly Step[]> =>
  diagnoseStaging(connection, { tables, now });
const outline = (steps: readonly Step[]): string[] => steps.map(({ step, state }) => `${step} ${state}`);

function named(steps: readonly Step[], name: Step['step']): Step | undefined {
  return steps.find(({ step }) => step === name);
}

const passed = {
  SQLite: ['file', 'disk', 'login', 'version', 'schema', 'keys', 'feed'],
  PostgreSQL: ['dns', 'tcp', 'tls', 'login', 'version', 'clock', 'schema', 'grants', 'keys', 'feed'],
  MariaDB: ['dns', 'tcp', 'tls', 'login', 'version', 'clock', 'local_infile', 'schema', 'grants', 'keys', 'feed'],
};

describe.each(stagingEngines)('the diagnosis of staging on $name', ({ it, fresh, name }) => {
  it('passes each step, and writes nothing', async () => {
    const { database } = await setUp({ fresh });
    const before = await checksum(database);
    expect(outline(await look(database.connection))).toEqual(passed[name].map((step) => `${step} passed`));
    expect(await checksum(database)).toBe(before);
  });

  it('passes for a user who may select, insert, update and delete, and no more', async () => {
    const { database } = await setUp({ fresh });
    const list = await database.query(
      name === 'SQLite'
        ? "select name from sqlite_master where type = 'table'"
        : `select table_name as name from information_schema.tables where table_schema in ('public', database_name())`.replace(
            'database_name()',
            name === 'MariaDB' ? 'database()' : "'public'",
          ),
    );
    const connection = await database.withLeastGrants(list.map((row) => String(row.name)));
    expect(outline(await look(connection)).filter((line) => !line.endsWith('passed'))).toEqual([]);
  });

  it('warns of a tag table whose key merges ids', async () => {
    const { database, staging } = await setUp({ fresh });
    const type = {
      SQLite: 'text collate nocase',
      PostgreSQL: 'char(40)',
      MariaDB: 'varchar(255) collate utf8mb4_general_ci',
    }[name];
    await database.query(
      `create table loose_tag (job varchar(64), customer_id ${type}, primary key (job, customer_id))`,
    );
    await staging.migrate(['loose_tag']);
    const steps = await diagnoseStaging(database.connection, { tables: ['loose_tag'], now: () => Date.now() });
    expect(named(steps, 'keys')).toMatchObject({ state: 'warned', detail: expect.stringContaining('loose_tag') });
  });
});

describe.each(stagingEngines.filter(({ name }) => name !== 'SQLite'))(
  'the diagnosis of staging on the server $name',
  ({ it, fresh }) => {
    it('names each grant that is missing, by table', async () => {
      const { database } = await setUp({ fresh });
      const connection = await database.withLeastGrants(['segtag_run', 'segtag_migration']);
      const grants = named(await look(connection), 'grants');
      expect(grants).toMatchObject({
        state: 'failed',
        code: 'E_GRANT_MISSING',
        next: expect.stringContaining('GRANT'),
      });
      expect(grants?.detail).toContain('SELECT, INSERT, UPDATE, DELETE ON segment_tag');
      expect(grants?.detail).not.toContain('ON segtag_run');
    });

    it('asks for migrate where the schema is missing', async () => {
      const database = await fresh();
      onTestFinished(() => database.drop());
      expect((await look(database.connection)).at(-1)).toMatchObject({
        step: 'schema',
        code: 'E_NOT_MIGRATED',
        next: expect.stringContaining('segtag migrate'),
      });
    });

    it('warns of clocks that are apart', async () => {
      const { database } = await setUp({ fresh });
      const steps = await look(database.connection, () => Date.now() + 5000);
      expect(named(steps, 'clock')).toMatchObject({ state: 'warned', detail: expect.stringContaining('behind ours') });
    });
  },
);

describe('the diagnosis of a SQLite file', () => {
  const [sqlite] = stagingEngines;
  sqlite!.it('says what the next run will make', async () => {
    const database = await sqlite!.fresh();
    onTestFinished(() => database.drop());
    const steps = await look(database.connection);
    expect(named(steps, 'file')?.detail).toContain('will be made');
    expect(named(steps, 'schema')?.detail).toContain('the next run makes');
  });
});
