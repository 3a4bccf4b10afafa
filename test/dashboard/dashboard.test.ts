import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromOurPage, startDashboard, type RunningDashboard } from '../support/dashboard.ts';
import { nightOf } from '../support/in-process.ts';
import { contentsOf } from '../support/night.ts';
import { runSegtag, type TestProject } from '../support/project.ts';
import { edit, sixtyCustomers, smallProject, writeCustomers } from '../support/small-project.ts';
import { stagingEngines, type StagingDatabase } from '../support/staging-databases.ts';

const sqlite = stagingEngines[0]!;
/** Half of the customers are gone, which a guard holds. */
const half = sixtyCustomers.slice(0, 30);

let database: StagingDatabase;
let project: TestProject;
let dashboard: RunningDashboard;
let published: string;

beforeAll(async () => {
  database = await sqlite.fresh();
  project = smallProject(database);
  edit(project, 'jobs/small.yaml', 'name: Recent', 'name: "<script>alert(1)</script>"');
  published = (await nightOf(project, database.connection, '2026-06-01')).run.id;
  dashboard = await startDashboard(project);
});

afterAll(async () => {
  expect(await dashboard.stop()).toBe(0);
  await database.drop();
});

async function heldNight(asOf: string): Promise<string> {
  writeCustomers(project, half);
  const { run } = await nightOf(project, database.connection, asOf);
  expect(run.status).toBe('held');
  return run.id;
}

async function statusOf(runId: string): Promise<unknown> {
  const [row] = await database.query('select status from segtag_run where run_id = ?', [runId]);
  return row?.status;
}

describe('the dashboard lets in', () => {
  it('who opens the printed address, and keeps the token out of it', async () => {
    const { status, headers } = await dashboard.ask(`/runs${dashboard.url.search}&x=1`);
    expect(status).toBe(303);
    expect(headers.location).toBe('/runs?x=1');
    const cookie = String(headers['set-cookie']);
    expect(cookie).toMatch(new RegExp(`^segtag-${dashboard.url.port}=`));
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).not.toContain(dashboard.url.searchParams.get('token')!);
  });

  it('nobody else', async () => {
    for (const path of ['/', '/runs', `/runs/${published}`, '/customers', '/assets/live.js', '/?token=wrong'])
      expect((await dashboard.ask(path)).status).toBe(401);
    const cookie = `${dashboard.cookie.split('=')[0]}=wrong`;
    expect((await dashboard.ask('/', { headers: { cookie } })).status).toBe(401);
  });

  it('programs with the token as a bearer, and to /healthz anybody', async () => {
    const bearer = { authorization: `Bearer ${dashboard.url.searchParams.get('token')}` };
    for (const path of ['/api/jobs', '/api/runs', `/api/runs/${published}`, '/metrics']) {
      expect((await dashboard.ask(path)).status).toBe(401);
      expect((await dashboard.ask(path, { headers: { cookie: dashboard.cookie } })).status).toBe(401);
      expect((await dashboard.ask(path, { headers: bearer })).status).toBe(200);
    }
    const { text } = await dashboard.ask('/api/runs', { headers: bearer });
    expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1, runs: [{ runId: published, status: 'published' }] });
    expect((await dashboard.ask('/healthz')).status).toBe(200);
  });
});

describe('the dashboard is not fooled by', () => {
  it('a name that somebody else has pointed to it', async () => {
    for (const host of ['evil.example', `evil.example:${dashboard.url.port}`, '127.0.0.1'])
      expect((await dashboard.ask('/', { headers: { host, cookie: dashboard.cookie } })).status).toBe(421);
  });

  it('a form of another page, whatever it leaves out or makes up', async () => {
    const runId = await heldNight('2026-06-02');
    const before = await contentsOf(database);
    const action = `/runs/${runId}/approve`;
    const page = await dashboard.page(`/runs/${runId}`);
    const token = /name="_form" value="([^"]+)"/.exec(page.text)![1]!;
    const ours = { cookie: dashboard.cookie, ...fromOurPage(dashboard.url) };
    const whole = { _form: token, reason: 'attack' };
    const attacks: readonly (readonly [Record<string, string>, Record<string, string>, number])[] = [
      [{ ...ours, cookie: '' }, whole, 401],
      [{ ...ours, origin: 'http://evil.example' }, whole, 403],
      [{ ...ours, origin: 'null' }, whole, 403],
      [{ ...ours, origin: `http://localhost:${dashboard.url.port}` }, whole, 403],
      [{ ...ours, 'sec-fetch-site': 'cross-site' }, whole, 403],
      [{ ...ours, 'sec-fetch-site': 'same-site' }, whole, 403],
      [{ ...ours, 'sec-fetch-site': 'none' }, whole, 403],
      [ours, { reason: 'attack' }, 403],
      [ours, { ...whole, _form: `${token.slice(0, -1)}-` }, 403],
    ];
    for (const [headers, form, expected] of attacks) {
      const { origin: _, ...withoutOrigin } = headers;
      expect((await dashboard.ask(action, { method: 'POST', headers, form })).status).toBe(expected);
      expect((await dashboard.ask(action, { method: 'POST', headers: withoutOrigin, form })).status).not.toBe(303);
    }
    expect(await statusOf(runId)).toBe('held');
    expect(await contentsOf(database)).toEqual(before);
  });

  it('markup in the name of a segment, in a customer id or in an address', async () => {
    const texts = [
      (await dashboard.page(`/runs/${published}`)).text,
      (await dashboard.page(`/runs/${published}/report`)).text,
      (await dashboard.page('/customers?job=small&id=C000')).text,
      (await dashboard.page('/customers?job=small&id=%3Cscript%3Ealert(1)%3C/script%3E')).text,
      (await dashboard.page('/customers?job=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&id=C000')).text,
      (await dashboard.page('/%3Cscript%3Ealert(1)%3C/script%3E')).text,
    ];
    for (const text of texts) expect(text).not.toContain('<script>alert');
    expect(texts[0]).toContain('&lt;script&gt;alert(1)');
  });

  it('markup in an error of the warehouse', async () => {
    const column = '"<script>alert(2)</script>"';
    edit(project, 'sql/small/customers.sql', 'SELECT id,', `SELECT ${column}, id,`);
    await expect(nightOf(project, database.connection, '2026-06-02')).rejects.toThrow('<script>');
    edit(project, 'sql/small/customers.sql', `SELECT ${column}, id,`, 'SELECT id,');
    const [failed] = await database.query("select run_id, error_message from segtag_run where status = 'failed'");
    expect(failed!.error_message).toContain('<script>alert(2)');
    const { text } = await dashboard.page(`/runs/${String(failed!.run_id)}`);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script&gt;alert(2)');
  });

  it('a page that puts it in a frame, keeps it, or guesses what it is', async () => {
    for (const path of ['/', `/runs/${published}/report`, '/customers', '/nowhere']) {
      const { headers } = await dashboard.page(path);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
      });
    }
    expect((await dashboard.page('/')).headers['content-security-policy']).toContain("default-src 'none'");
  });
});

describe('on the dashboard', () => {
  it('a held night waits at the top, is approved with a reason exactly as planned, and no second time', async () => {
    const runId = await heldNight('2026-06-03');
    const planned = await database.query(
      'select customer_id, kind, segment from segtag_candidate where run_id = ? order by customer_id',
      [runId],
    );
    expect((await dashboard.page('/')).text).toMatch(
      new RegExp(`Waiting for a decision[\\s\\S]*${runId}[\\s\\S]*Jobs`),
    );
    const path = `/runs/${runId}`;
    const unreasoned = await dashboard.submit(path, `${path}/approve`, { reason: ' ' });
    expect(unreasoned.status).toBe(400);
    expect(await statusOf(runId)).toBe('held');

    const approved = await dashboard.submit(path, `${path}/approve`, { reason: 'a campaign ended' });
    expect([approved.status, approved.headers.location]).toEqual([303, path]);
    expect(await statusOf(runId)).toBe('published');
    const written = await database.query(
      'select customer_id, kind, to_segment as segment from segment_change where run_id = ? order by customer_id',
      [runId],
    );
    expect(planned.length).toBeGreaterThan(0);
    expect(written.map(({ customer_id: id, kind }) => [id, kind])).toEqual(
      planned.map(({ customer_id: id, kind }) => [id, kind]),
    );
    expect((await dashboard.page(path)).text).toMatch(/approve<\/strong> by .*: a campaign ended/);

    const again = await dashboard.submit('/jobs/small', `${path}/approve`, { reason: 'once more' });
    expect(again.status).toBe(409);
    expect(again.text).toContain('E_STALE_PLAN');
  });

  it('an earlier night is brought back once the name of the job is typed', async () => {
    const path = `/runs/${published}`;
    const before = await contentsOf(database);
    expect((await dashboard.submit(path, `${path}/rollback`, { confirm: 'smal' })).status).toBe(400);
    expect(await contentsOf(database)).toEqual(before);
    edit(project, 'jobs/small.yaml', 'labels:', 'guards: { moved: off, leavers: off }\nlabels:');
    const { status, headers } = await dashboard.submit(path, `${path}/rollback`, { confirm: 'small', reason: 'undo' });
    expect(status).toBe(303);
    const rollback = String(headers.location).replace('/runs/', '');
    expect(await statusOf(rollback)).toBe('published');
    const [{ active } = {}] = await database.query("select count(*) as active from segment_tag where state = 'active'");
    expect(Number(active)).toBe(sixtyCustomers.length);
  });

  it('a run is held against an earlier one', async () => {
    writeCustomers(project, [['C000', 900, 100], ...sixtyCustomers.slice(1)]);
    const { run } = await nightOf(project, database.connection, '2026-06-20', { mode: 'plan' });
    expect(run.status).toBe('planned');
    const choice = await dashboard.page(`/runs/${run.id}/diff`);
    expect(choice.text).toContain(`<option value="${published}"`);
    const { status, text } = await dashboard.page(`/runs/${run.id}/diff?since=${published}`);
    expect(status).toBe(200);
    expect(text).toMatch(/<h1>\d+ customers? differs?<\/h1>/);
    expect((await dashboard.page(`/runs/${run.id}/diff?since=small-nowhere`)).status).toBe(404);
  });

  it('a job is run, and its page says what became of it', async () => {
    writeCustomers(project, sixtyCustomers);
    expect((await dashboard.submit('/jobs/small', '/jobs/small/run')).headers.location).toBe('/jobs/small');
    await expect
      .poll(async () => (await dashboard.page('/jobs/small')).text, { interval: 500 })
      .toContain('2026-06-30');
  });

  it('numbers of clusters are weighed on demand, and nothing is written', async () => {
    const before = await contentsOf(database);
    const { status, text } = await dashboard.submit('/jobs/small/tune', '/jobs/small/tune');
    expect(status).toBe(200);
    expect(text).toContain('2 (in use)');
    expect(text).toContain('id="number-of-clusters"');
    expect(await contentsOf(database)).toEqual(before);
  });

  it('a job shows how large its segments have been, once there are two nights', async () => {
    const { text } = await dashboard.page('/jobs/small');
    expect(text).toContain('data-chart="segment-sizes"');
    expect(text).toMatch(/data-night="\/runs\/small-\w+-\w+\/night"/);
  });

  it('a customer is looked up, with history and why', async () => {
    const { text, status } = await dashboard.page('/customers?job=small&id=C001');
    expect(status).toBe(200);
    for (const part of ['Published values', 'recency_days', 'History', 'Nearest is']) expect(text).toContain(part);
    expect((await dashboard.page('/customers?job=small&id=nobody')).status).toBe(404);
  });

  it('what is not there is said with the way on', async () => {
    const missing = await dashboard.page('/runs/small-20260101T000000Z-aaaa');
    expect(missing.status).toBe(404);
    expect(missing.text).toContain('segtag runs');
    expect((await dashboard.page('/jobs/nothing')).status).toBe(404);
    expect((await dashboard.page('/runs/small-20260101T000000Z-aaaa/events')).status).toBe(404);
    expect((await dashboard.page(`/runs/${published}/events`)).text).toMatch(/event: status\ndata: \w+/);
  });
});

describe('a dashboard that only shows', () => {
  it('has no form and takes none', async () => {
    const shown = await startDashboard(project, ['--read-only']);
    const page = await shown.page(`/runs/${published}`);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('method="post"');
    const post = { method: 'POST', headers: { cookie: shown.cookie, ...fromOurPage(shown.url) } } as const;
    expect((await shown.ask(`/runs/${published}/rollback`, { ...post, form: { confirm: 'small' } })).status).toBe(403);
    await shown.stop();
  });
});

describe('an address that others can reach', () => {
  it('is refused without a token and a name of its own', async () => {
    const { exitCode, stderr } = await runSegtag(['-C', project.directory, 'dashboard', '--host', '0.0.0.0']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--token-file');
  });

  it('is refused with a token that cannot be read or is short', async () => {
    const at = ['-C', project.directory, 'dashboard', '--host', '0.0.0.0', '--public-url', 'https://segtag.example'];
    const short = join(project.directory, 'token');
    writeFileSync(short, 'secret');
    for (const file of [join(project.directory, 'nothing'), short]) {
      const { exitCode, stderr } = await runSegtag([...at, '--token-file', file]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('openssl rand') });
      expect(stderr).not.toContain('secret');
    }
  });
});
