import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { staged } from '../support/in-process.ts';
import { inFile, withPassword } from '../support/night.ts';
import { makeProject, writeConnections } from '../support/project.ts';
import { httpReceiver } from '../support/receivers.ts';
import { edit, smallProject } from '../support/small-project.ts';
import { stagingEngines } from '../support/staging-databases.ts';

const [sqlite, postgres, mysql] = stagingEngines;

type Report = {
  readonly exit: number;
  readonly examined: readonly {
    readonly name: string;
    readonly role: string;
    readonly steps: readonly { readonly step: string; readonly state: string; readonly code?: string }[];
  }[];
};

const failures = ({ examined }: Report): string[] =>
  examined.flatMap(({ name, steps }) =>
    steps.filter(({ state }) => state === 'failed').map(({ step, code }) => `${name} ${step} ${code}`),
  );

describe('segtag doctor', () => {
  it('finds all well in a project that runs, and says so last', async () => {
    const project = smallProject(await sqlite!.fresh());
    const { exitCode, stdout } = await project.segtag(['doctor']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/✓ grants +sql\/small\/customers\.sql may be read/);
    expect(stdout.trim().split('\n').at(-1)).toBe('All is well.');
  });

  it('goes on past what fails, gives the next step of each, and exits with the worst', async () => {
    const project = smallProject(await sqlite!.fresh());
    writeConnections(project.directory, {
      test: {
        connections: {
          warehouse: { client: 'postgres', host: '127.0.0.1', port: 1, database: 'x', user: 'x' },
          crm: { client: 'mysql', host: 'no-such-host.invalid', database: 'x', user: 'x', password: '${env:NOT_SET}' },
        },
      },
    });
    const { exitCode, stdout } = await project.segtag(['doctor', '--json']);
    const report = JSON.parse(stdout) as Report;
    expect(failures(report)).toEqual(['warehouse tcp E_WAREHOUSE_UNREACHABLE', 'crm settings E_CONNECTION_CONFIG']);
    expect([exitCode, report.exit]).toEqual([2, 2]);
    const { stdout: text } = await project.segtag(['doctor']);
    expect(text.match(/Next: /g)).toHaveLength(2);
    expect(text.trim().split('\n').at(-1)).toBe('2 failed, 0 to look at. Nothing was written.');
  });

  it('looks at connections also where a job cannot be read', async () => {
    const project = smallProject(await sqlite!.fresh());
    edit(project, 'jobs/small.yaml', 'method: kmeans', 'method: kmean');
    const { exitCode, stdout } = await project.segtag(['doctor', '--json']);
    expect(failures(JSON.parse(stdout) as Report)).toEqual(['jobs settings E_JOB_INVALID']);
    expect(exitCode).toBe(2);
  });

  it('says which file or folder this user may not write to', async () => {
    const database = await sqlite!.fresh();
    const project = smallProject(database);
    const { file } = database.connection.config as { readonly file: string };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    chmodSync(dirname(file), 0o555);
    const { exitCode, stdout } = await project.segtagHeldByPermissions(['doctor', '--json']);
    chmodSync(dirname(file), 0o755);
    expect(failures(JSON.parse(stdout) as Report)).toEqual(['crm file E_STAGING_READ_ONLY']);
    expect(exitCode).toBe(2);
  });

  it('looks whether alerts have their secrets and a server, and names no address', async () => {
    const project = smallProject(await sqlite!.fresh());
    const { url } = await httpReceiver();
    const address = (name: string): string => `{ webhook: "\${env:${name}}" }`;
    edit(
      project,
      'jobs/small.yaml',
      'labels:',
      `notify: [${['OPEN', 'SHUT', 'ABSENT'].map(address).join(', ')}]\nlabels:`,
    );
    const shut = 'http://127.0.0.1:1/token';
    const { exitCode, stdout } = await project.segtag(['doctor', '--json'], { OPEN: url, SHUT: shut });
    const found = (JSON.parse(stdout) as Report).examined.find(({ role }) => role === 'alerts')!;
    expect(found.steps.map(({ state }) => state)).toEqual(['passed', 'warned', 'failed']);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('environment variable ABSENT is not set');
    expect(stdout).not.toContain('127.0.0.1:1');
    expect(stdout).not.toContain('token');
  });

  it('names the readers of the feed who have missed what was pruned', async () => {
    const database = await sqlite!.fresh();
    const project = smallProject(database);
    await staged(database.connection, (staging) => staging.migrate(['segment_tag']));
    await database.query("insert into segtag_floor (job, change_seq, publish_seq) values ('small', 60, 1)");
    await database.query(
      "insert into segtag_consumer (consumer, position, acknowledged_ms) values ('mail', 60, 0), ('shop', 59, 0)",
    );
    const { exitCode, stdout } = await project.segtag(['doctor']);
    expect(stdout).toMatch(/! feed +changes up to 60 have been pruned, and not all were taken by shop\n/);
    expect(exitCode).toBe(0);
  });

  mysql!.it('names the missing migration of a server, and is content after it', async () => {
    const database = await mysql!.fresh();
    const project = smallProject(database);
    const env = withPassword(database.connection);
    const before = await project.segtag(['doctor', '--json'], env);
    expect(failures(JSON.parse(before.stdout) as Report)).toEqual(['crm schema E_NOT_MIGRATED']);
    await project.segtag(['migrate'], env);
    expect((await project.segtag(['doctor'], env)).exitCode).toBe(0);
    await database.drop();
  });
});

describe('segtag connections test', () => {
  postgres!.it('tests a connection in the role that the jobs give it', async () => {
    const database = await postgres!.fresh();
    await database.query('create table customer (id text, recency_days int, value numeric(9, 2))');
    const project = makeProject('test/projects/small', {
      test: { connections: { warehouse: inFile(database.connection), crm: { client: 'sqlite', file: 'crm.sqlite' } } },
    });
    const { exitCode, stdout } = await project.segtag(['connections', 'test', 'warehouse', '--json']);
    const { examined } = JSON.parse(stdout) as Report;
    expect([exitCode, examined.map(({ role }) => role)]).toEqual([0, ['warehouse']]);
    expect(examined[0]?.steps.map(({ step }) => step)).toContain('clock');
    await database.drop();
  });

  it('exits 4 for what may go away by itself', async () => {
    const project = smallProject(await sqlite!.fresh());
    const server = { client: 'postgres', host: '127.0.0.1', port: 1, database: 'x', user: 'x' };
    writeFileSync(join(project.directory, 'customer.csv'), 'id\n');
    writeConnections(project.directory, { test: { connections: { warehouse: server, crm: server } } });
    expect((await project.segtag(['connections', 'test', 'warehouse'])).exitCode).toBe(4);
  });
});
