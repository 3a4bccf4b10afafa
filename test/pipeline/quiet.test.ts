import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { inFile } from '../support/night.ts';
import { writeConnections, type TestProject } from '../support/project.ts';
import { httpReceiver, mailReceiver } from '../support/receivers.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers, type Customer } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const postgres = stagingEngines[1]!;

/** What must not be seen: a customer's attributes, each in the spellings that a number may take, and every secret. */
const attributes = {
  name: 'canaryName',
  city: 'canaryCity',
  born: ['1931-05-17', '-14109'],
  value: ['171.273', '171.27'],
  recency: ['731.219', '731.22'],
  parameter: 'canaryParameter',
};
const secrets = {
  password: 'canaryPassword',
  hook: 'canaryHookToken',
  key: 'canaryHookKey',
  smtp: 'canarySmtpPassword',
  push: 'canaryPushPassword',
};
const forbidden = [...Object.values(attributes), ...Object.values(secrets)].flat();

/** One customer among sixty has values that nobody else has. */
const customers = sixtyCustomers.with(1, ['C001', 731.219, 171.273]);
const select = `SELECT id, recency_days, value, CASE id WHEN 'C001' THEN 'canaryName' ELSE 'name of ' || id END AS name,
  CASE id WHEN 'C001' THEN 'canaryCity' ELSE 'Lisbon' END AS city,
  CASE id WHEN 'C001' THEN DATE '1931-05-17' ELSE DATE '1980-01-01' END AS born`;

type Watched = {
  readonly project: TestProject;
  readonly database: StagingDatabase;
  /** Runs a command, keeps what it said, and returns its exit code. */
  segtag(args: readonly string[], env?: Record<string, string>): Promise<number | null>;
  /** Everything that anybody was told so far. */
  told(): { readonly where: string; readonly text: string }[];
};

async function watched(): Promise<Watched> {
  const database = await postgres.fresh();
  const project = smallProject(database, customers);
  const [receiver, gateway, mail] = [await httpReceiver(), await httpReceiver(), await mailReceiver()];
  const { database: name } = database.connection.config as { database: string };
  const user = `${name}_app`;
  await database.query(`create role ${user} superuser login password '${secrets.password}'`);
  const crm = { ...inFile(database.connection), user, password: '${env:CANARY_PASSWORD}' };
  const smtp = { host: '127.0.0.1', port: mail.port, tls: 'disable', user: 'u', from: 'segtag@example.com' };
  const warehouse = { client: 'duckdb', views: { customer: 'customer.csv' } };
  const metrics = { file: 'var/segtag.prom', push: '${env:CANARY_PUSH}' };
  writeConnections(project.directory, {
    test: {
      as_of: '2026-06-30',
      connections: { warehouse, crm },
      smtp: { ...smtp, password: '${env:CANARY_SMTP}' },
      metrics,
    },
  });
  edit(project, 'sql/small/customers.sql', 'SELECT id, recency_days, value', select);
  edit(project, 'sql/small/customers.sql', 'IS NOT NULL', 'IS NOT NULL AND :note IS NOT NULL');
  edit(project, 'jobs/small.yaml', 'value: money }', 'value: money, name: text, city: text, born: date }');
  edit(project, 'jobs/small.yaml', 'identifiers:', `params: { note: ${attributes.parameter} }\n  identifiers:`);
  edit(
    project,
    'jobs/small.yaml',
    'labels:',
    "retry: { budget_seconds: 0 }\nnotify: [{ webhook: '${env:CANARY_HOOK}', secret: '${env:CANARY_KEY}' }, { email: ops@example.com }]\nlabels:",
  );
  const env = {
    CANARY_PASSWORD: secrets.password,
    CANARY_HOOK: `${receiver.url}/${secrets.hook}`,
    CANARY_KEY: secrets.key,
    CANARY_SMTP: secrets.smtp,
    CANARY_PUSH: gateway.url.replace('//', `//u:${secrets.push}@`),
  };
  const said: { where: string; text: string }[] = [];
  return {
    project,
    database,
    async segtag(args, more = {}) {
      const { exitCode, stdout, stderr } = await project.segtag(args, { ...env, ...more });
      said.push({ where: args.join(' '), text: stdout + stderr });
      return exitCode;
    },
    told() {
      const file = join(project.directory, 'var/segtag.prom');
      return [
        ...said,
        ...receiver.received.map(({ text }) => ({ where: 'webhook', text })),
        ...gateway.received.map(({ text }) => ({ where: 'Pushgateway', text })),
        ...mail.mails.map((text) => ({ where: 'mail', text })),
        { where: 'metrics file', text: existsSync(file) ? readFileSync(file, 'utf8') : '' },
      ];
    },
  };
}

/** How a stage is made to fail, and undone again. */
type Sabotage = {
  readonly stage: string;
  readonly code: string;
  readonly rows?: readonly Customer[];
  readonly files?: readonly (readonly [file: string, from: string, to: string])[];
  readonly sql?: readonly [breaks: string, mends: string];
};

const job = 'jobs/small.yaml';
const query = 'sql/small/customers.sql';
const failures: readonly Sabotage[] = [
  {
    stage: 'extract',
    code: 'E_SQL_REJECTED',
    files: [[query, 'recency_days, value', 'recency_days, CAST(name AS INTEGER) AS value']],
  },
  { stage: 'extract', code: 'E_SQL_REJECTED', files: [[query, 'FROM', ', error(name) AS x FROM']] },
  {
    stage: 'extract',
    code: 'E_COLUMN_VALUE',
    files: [
      [query, 'recency_days, value', "recency_days, CASE id WHEN 'C001' THEN 918273645918273645 ELSE 1 END AS value"],
    ],
  },
  {
    stage: 'check',
    code: 'E_CHECK_FAILED',
    files: [
      [
        job,
        'features:',
        `checks:
  - { check: accepted_values, columns: [city], values: [Lisbon] }
  - { check: unique, columns: [born] }
  - { check: range, columns: [value], max: 1000 }
  - { check: freshness, column: born, max_age_days: 3 }
features:`,
      ],
    ],
  },
  { stage: 'check', code: 'E_COLUMN_CONTRACT', files: [[job, 'city: text', 'city: number']] },
  {
    stage: 'outliers',
    code: 'E_DEGENERATE_FIT',
    files: [
      [
        job,
        'features:',
        'outliers: { columns: [value], method: percentile, percentiles: [50, 51], action: drop }\nfeatures:',
      ],
    ],
  },
  { stage: 'features', code: 'E_FEATURE_NOT_FINITE', rows: customers.with(3, ['C003', 'NaN', 100]) },
  { stage: 'segment', code: 'E_DEGENERATE_FIT', rows: customers.map(([id]) => [id, 731.219, 171.273]) },
  { stage: 'label', code: 'E_HELD', files: [[job, '{ recency_days: 75 }', '{ recency_days: 1, value: 99 }']] },
  {
    stage: 'plan',
    code: 'E_NOT_MIGRATED',
    sql: [
      'alter table segment_tag rename column scores to gone',
      'alter table segment_tag rename column gone to scores',
    ],
  },
  { stage: 'guard', code: 'E_HELD', rows: customers.slice(0, 30) },
  {
    stage: 'publish',
    code: 'E_CRM_REFUSED_ROWS',
    rows: [...customers, ['C900', 731.219, 171.273]],
    sql: [
      "alter table segment_tag add constraint c check (customer_id <> 'C900')",
      'alter table segment_tag drop constraint c',
    ],
  },
];

describe('what a run tells, by log, error, metric, alert or summary,', () => {
  postgres.it(
    'holds no attribute of a customer and no secret: when it succeeds, fails at each stage, or crashes',
    async () => {
      const { project, database, segtag, told } = await watched();
      const formats = [['--log-format', 'json'], []];
      await segtag(['migrate']);
      expect(await segtag(['run', 'small'])).toBe(0);
      writeCustomers(project, customers.with(1, ['C001', 12, 171.273]));
      expect(await segtag(['--log-format', 'json', 'run', 'small', '--json'])).toBe(0);
      writeCustomers(project, customers);
      expect(await segtag(['run', 'small'])).toBe(0);

      for (const [i, { code, rows, files = [], sql }] of failures.entries()) {
        if (rows) writeCustomers(project, rows);
        for (const [file, from, to] of files) edit(project, file, from, to);
        if (sql) await database.query(sql[0]);
        expect({ code, exit: await segtag([...formats[i % 2]!, 'run', 'small']) }).not.toMatchObject({ exit: 0 });
        expect(told().findLast(({ where }) => where.endsWith('run small'))!.text).toContain(
          code === 'E_HELD' ? 'held by' : code,
        );
        if (sql) await database.query(sql[1]);
        for (const [file, from, to] of files) edit(project, file, to, from);
        writeCustomers(project, customers);
      }
      expect(await segtag(['run', 'small'], { CANARY_HOOK: secrets.hook, CANARY_PUSH: secrets.push })).toBe(0);
      const { port } = database.connection.config as { port: number };
      edit(project, 'config/connections.yaml', `"port": ${port}`, '"port": 1');
      expect(await segtag(['run', 'small'])).toBe(4);
      edit(project, 'config/connections.yaml', '"port": 1,', `"port": ${port},`);

      const kill = `--import ${await bundled('kill-process')}`;
      writeCustomers(project, customers.with(1, ['C001', 12, 171.273]));
      for (const [i, at] of ['25', '40'].entries()) {
        const env = { NODE_OPTIONS: kill, SEGTAG_TEST_KILL_AT: at };
        expect(await segtag([...formats[i % 2]!, 'run', 'small'], env)).toBe(null);
        await database.query('update segtag_lease set expires_ms = 0');
      }
      expect(await segtag(['--log-format', 'json', 'run', 'small'])).toBe(0);

      const runs = await database.query('select run_id, status, error_message from segtag_run order by started_at');
      expect(runs.length).toBeGreaterThan(14);
      const statuses = new Map(runs.map(({ status, run_id: id }) => [String(status), String(id)]));
      expect([...statuses.keys()].toSorted()).toEqual(['crashed', 'failed', 'no_change', 'published', 'superseded']);
      for (const id of statuses.values()) await segtag(['show', id, '--json']);
      await segtag(['show', statuses.get('published')!]);
      for (const command of ['runs', 'status', 'metrics', 'changes', 'verify', 'explain small', 'connections list'])
        await segtag([...command.split(' '), '--json']);
      for (const command of ['status', 'metrics', 'explain small', 'doctor']) await segtag(command.split(' '));

      const everything = [...told(), { where: 'error_message', text: JSON.stringify(runs) }];
      const kinds = new Set(everything.map(({ where }) => where));
      for (const channel of ['webhook', 'Pushgateway', 'mail', 'metrics file']) expect(kinds).toContain(channel);
      const alerts = everything.filter(({ where }) => where === 'webhook').map(({ text }) => text);
      for (const condition of ['failed', 'held', 'crashed']) expect(alerts.join()).toContain(`"event":"${condition}"`);
      const leaks = everything.flatMap(({ where, text }) =>
        forbidden
          .filter((canary) => text.includes(canary))
          .map((canary) => `${canary} in ${where}: ${around(text, canary)}`),
      );
      expect(leaks).toEqual([]);
      const withIds = everything.filter(({ where }) => /webhook|Pushgateway|mail|metrics/.test(where));
      expect(withIds.filter(({ text }) => /\bC\d{3}\b/.test(text))).toEqual([]);
      console.log(`${everything.length} texts of ${runs.length} runs hold none of ${forbidden.length} canaries`);
      await database.drop();
    },
  );
});

function around(text: string, canary: string): string {
  const at = text.indexOf(canary);
  return text.slice(Math.max(0, at - 80), at + canary.length + 40);
}
