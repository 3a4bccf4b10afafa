import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { idAt } from '../../../src/frame/id.ts';
import { connectionSchema } from '../../../src/job/connections-schema.ts';
import { openStaging } from '../../../src/staging/staging.ts';
import { itWithMysql as it } from '../../support/engines.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import type { TestServer } from '../../support/servers/postgres.ts';
import { candidate, candidatesOf, failureOf, manyEntering, publishRun } from '../../support/staging-fixtures.ts';

let server: TestServer;
beforeAll(async () => {
  const started = await startMariadb();
  if (started) server = started;
});
afterAll(() => server?.stop());

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = await createConnection({ uri: server.url, dateStrings: true });
  const [rows] = await client.query(sql);
  await client.end();
  return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
}

async function loadsSoFar(): Promise<number> {
  const [row] = await ask("show global status like 'Com_load'");
  return Number(row?.Value);
}

const hostile = [
  'tab\there',
  'line\nbreak',
  'carriage\rreturn',
  'back\\slash',
  '\\N',
  '\\',
  'quote \' and " and `',
  'trailing\\',
  ' leading and trailing ',
  '😀 𝄞 مرحبا עברית',
  '',
  'é',
  'e\u0301',
  'a;drop table x--',
  '\u0001\u001A\u007F',
];

describe.each([
  { way: 'LOAD DATA LOCAL', allowed: 1 },
  { way: 'multi-row inserts, where the server forbids LOAD DATA LOCAL', allowed: 0 },
])('bulk loading into MariaDB by $way', ({ allowed }) => {
  const open = async (): ReturnType<typeof openStaging> => {
    await ask(`set global local_infile = ${allowed}`);
    await ask('create or replace database bulk character set utf8mb4');
    const { hostname, port, username, password } = new URL(server.url);
    const login = { client: 'mysql', host: hostname, port: Number(port), user: username, password, database: 'bulk' };
    const staging = await openStaging({ name: 'crm', target: 'test', config: connectionSchema.parse(login) });
    onTestFinished(() => staging.close());
    await staging.migrate(['segment_tag']);
    return staging;
  };

  it('takes that way, and asks the server once', async () => {
    const staging = await open();
    const before = await loadsSoFar();
    await publishRun(staging, 'r1', manyEntering(3));
    await publishRun(staging, 'r2', candidatesOf(candidate('x')));
    expect((await loadsSoFar()) - before).toBe(allowed === 1 ? 2 : 1);
  });

  it('hands back hostile text, nulls and empty strings as they were', async () => {
    const staging = await open();
    const rows = hostile.map((text, i) => candidate(`${text}${i}`, { campaign: text, segmentName: `${text}!` }));
    const sorted = rows.toSorted((a, b) => Buffer.compare(Buffer.from(a.customerId), Buffer.from(b.customerId)));
    await publishRun(staging, 'r1', candidatesOf(...sorted, candidate('😁', { campaign: null, scores: null })));
    const tags = await staging.readTags({ job: 'opportunities', table: 'segment_tag', withScores: true });
    const read = Array.from({ length: tags.rowCount }, (_, row) => [
      idAt(tags.customerId, row),
      tags.campaign.dictionary[tags.campaign.codes[row]!] ?? null,
      tags.segmentName.dictionary[tags.segmentName.codes[row]!],
    ]);
    expect(read).toEqual([
      ...sorted.map(({ customerId, campaign, segmentName }) => [customerId, campaign, segmentName]),
      ['😁', null, 'Renewal'],
    ]);
  });

  it('loads more than one buffer', async () => {
    const staging = await open();
    expect(await publishRun(staging, 'r1', manyEntering(20_000))).toMatchObject({ rows: 20_000 });
  });

  it.each([
    ['a date that does not exist', { segmentSince: '2026-02-30' }],
    ['scores that are not JSON', { scores: '{"name": "Jane",' }],
  ])('refuses %s, instead of changing it or leaving the row out', async (_name, fields) => {
    const staging = await open();
    const failure = await failureOf(publishRun(staging, 'r1', candidatesOf(candidate('a'), candidate('b', fields))));
    expect(failure.code).toBe('E_CRM_REFUSED_ROWS');
    expect(failure.message).not.toContain('Jane');
    expect(await ask('select * from bulk.segtag_candidate')).toEqual([]);
    expect(await ask('select * from bulk.segment_tag')).toEqual([]);
  });

  it('names ids of rows that do not fit, which are found while the rows are on their way', async () => {
    const staging = await open();
    const rows = {
      count: 30_000,
      at: (i: number) => candidate(`c${100_000 + i}`, i === 29_999 ? { segment: 's'.repeat(65) } : {}),
    };
    const failure = await failureOf(publishRun(staging, 'r1', rows));
    expect(failure).toMatchObject({ code: 'E_CRM_REFUSED_ROWS', message: expect.stringContaining('"c129999"') });
    expect(await publishRun(staging, 'r2', candidatesOf(candidate('a')))).toMatchObject({ rows: 1 });
  });
});
