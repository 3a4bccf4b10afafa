import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dueSlots, slotsBetween } from '../../../src/analysis/decide/due-slots.ts';
import { jobSchema, type Schedule } from '../../../src/job/schema.ts';
import { crontab } from '../../../src/schedule/units/crontab.ts';
import { cronJobs } from '../../../src/schedule/units/kubernetes.ts';
import { systemdUnits } from '../../../src/schedule/units/systemd.ts';
import type { Unit } from '../../../src/schedule/units/unit.ts';
import { cronFields, wakesOf } from '../../../src/schedule/units/wakes.ts';

const zones = [
  'America/New_York',
  'America/Havana',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Europe/Lisbon',
  'Asia/Beirut',
  'UTC',
];
const from = new Date('2026-01-01T12:00:00Z');
const until = new Date(from.getTime() + 400 * 86_400_000);

function scheduleOf(cron: string, timezone = 'Europe/Lisbon', more: Record<string, unknown> = {}): Schedule {
  return jobSchema.shape.schedule.parse({ cron, timezone, ...more })!;
}

const awkward = ["it's", '100 %', '$HOME "quoted" `date`', String.raw`back\slash\n`, '--project=/srv/a b', 'é'];
/** A program that prints its arguments as JSON. */
const echo = [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--'];

function unitOf(cron = '30 2 * * *', timezone?: string): Unit {
  return {
    job: 'opportunities',
    schedule: scheduleOf(cron, timezone),
    command: [...echo, ...awkward],
    waitMs: 7_200_000,
  };
}

/** The instants at which a cron daemon wakes that leaves out times that clocks skip. */
function wakesIn(timezone: string, fields: string): Date[] {
  const cron = new Cron(fields, { timezone, paused: true, mode: '5-part' });
  const wakes: Date[] = [];
  for (let at = cron.nextRun(from); at && at <= until; at = cron.nextRun(at)) if (cron.match(at)) wakes.push(at);
  return wakes;
}

describe('the wakes of another scheduler', () => {
  it.each(zones)('find each night of 400 days in %s on its day, also those whose time clocks skip', (zone) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59), (hour, minute) => {
        const schedule = scheduleOf(`${minute} ${hour} * * *`, zone);
        const taken: Date[] = [];
        for (const wake of wakesIn(zone, cronFields(wakesOf(schedule.cron))))
          for (const { scheduledAt } of dueSlots(schedule, taken.at(-1) ?? from, wake)) taken.push(scheduledAt);
        const wanted = slotsBetween(schedule, from, until).map(({ scheduledAt }) => scheduledAt);
        expect(taken).toEqual(wanted.slice(0, taken.length));
        expect(wanted.length - taken.length).toBeLessThanOrEqual(1);
      }),
      {
        numRuns: process.env.SEGTAG_TEST_FULL === '1' ? 20 : 2,
        examples: [
          [0, 0],
          [2, 30],
        ],
      },
    );
  });

  it.each([
    ['0 2 * * *', '0 2,3 * * *'],
    ['*/20 22-23 * * 1-5', '0,20,40 22,23 * * 1,2,3,4,5'],
    ['0 6 1 JAN,JUL *', '0 6,7 1 1,7 *'],
    ['0 6 L * *', '0 6,7 * * *'],
    ['0 6 * * FRI#2', '0 6,7 * * *'],
    ['15 * * * 0', '15 * * * 0'],
    ['0 6 * * 7', '0 6,7 * * 0'],
  ])('of %s are %s', (cron, fields) => expect(cronFields(wakesOf(cron))).toBe(fields));
});

describe('a crontab', () => {
  const text = crontab([unitOf(), { ...unitOf('0 4 * * 1', 'America/New_York'), job: 'weekly' }]);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('names the time zone before each line, whose times are what croner reads', () => {
    expect(lines.map((line) => line.split(' ').slice(0, 5).join(' '))).toEqual([
      'CRON_TZ=Europe/Lisbon',
      '30 2,3 * * *',
      'CRON_TZ=America/New_York',
      '0 4,5 * * 1',
    ]);
    const [next] = wakesIn('America/New_York', lines[3]!.split(' ').slice(0, 5).join(' '));
    expect(next?.toISOString()).toBe('2026-01-05T09:00:00.000Z');
  });

  it('gives the shell back every word as it was', () => {
    const command = lines[1]!.split(' ').slice(5).join(' ');
    expect(command).not.toMatch(/(?<!\\)%/);
    const asCronPassesIt = command
      .replaceAll(String.raw`\%`, '%')
      .replace(/ 2>&1 \| logger -t segtag-opportunities$/, '');
    const { stdout } = spawnSync('/bin/sh', ['-c', asCronPassesIt], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual(awkward);
  });

  it('refuses a word with a line break', () => {
    expect(() => crontab([{ ...unitOf(), command: ['a\nb'] }])).toThrow(/line break/);
  });
});

describe('a Kubernetes CronJob', () => {
  type PodSpec = {
    restartPolicy: string;
    securityContext: { runAsNonRoot: boolean; runAsUser: number };
    containers: {
      image: string;
      command: string[];
      securityContext: object;
      volumeMounts: { name: string; mountPath: string }[];
    }[];
    volumes: { name: string }[];
  };
  type Manifest = {
    kind: string;
    apiVersion: string;
    metadata: { name: string };
    spec: {
      schedule: string;
      timeZone: string;
      concurrencyPolicy: string;
      jobTemplate: {
        spec: {
          activeDeadlineSeconds: number;
          backoffLimit: number;
          template: { spec: PodSpec };
        };
      };
    };
  };
  const parsed = (units: readonly Unit[]): Manifest[] =>
    parseAllDocuments(cronJobs(units, 'registry.example/segtag:1')).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest;
    });

  it('wakes the job in its time zone, one pod at a time, and gives it time', () => {
    const [manifest] = parsed([unitOf()]);
    const { spec, ...rest } = manifest!;
    expect(rest).toMatchObject({ apiVersion: 'batch/v1', kind: 'CronJob' });
    expect(spec).toMatchObject({ schedule: '30 2,3 * * *', timeZone: 'Europe/Lisbon', concurrencyPolicy: 'Forbid' });
    const job = spec.jobTemplate.spec;
    expect(job.backoffLimit).toBe(0);
    expect(job.activeDeadlineSeconds).toBeGreaterThanOrEqual(240 * 60 + 7200);
    expect(job.template.spec.restartPolicy).toBe('Never');
    expect(job.template.spec.containers[0]).toMatchObject({
      image: 'registry.example/segtag:1',
      command: [...echo, ...awkward],
    });
  });

  it('is nobody of weight, and writes only where a volume is', () => {
    const { securityContext, containers, volumes } = parsed([unitOf()])[0]!.spec.jobTemplate.spec.template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: imageUser() });
    expect(containers[0]!.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const mounted = containers[0]!.volumeMounts.map(({ name }) => name);
    expect(volumes.map(({ name }) => name)).toEqual(mounted);
    expect(containers[0]!.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/project/reports');
  });

  /** The user that the image says it is. */
  function imageUser(): number {
    return Number(/^USER (\d+)/m.exec(readFileSync('Dockerfile', 'utf8'))![1]);
  }

  it('has a name that Kubernetes takes, another for each job', () => {
    const long = `a${'_b'.repeat(31)}`;
    const names = parsed(['a_b', 'a_b_', long, `${long.slice(0, -1)}c`].map((job) => ({ ...unitOf(), job }))).map(
      ({ metadata }) => metadata.name,
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])$/);
  });
});

describe('systemd units', () => {
  const [service, timer] = systemdUnits(unitOf(), 'segtag');
  const settingsOf = (text: string): Map<string, string> =>
    new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));

  it('run what is due as a user, and stop it with one signal', () => {
    const settings = settingsOf(service!.text);
    expect(settings.get('Type')).toBe('oneshot');
    expect(settings.get('User')).toBe('segtag');
    expect(settings.get('KillMode')).toBe('mixed');
    expect(wordsOf(settings.get('ExecStart')!)).toEqual([...echo, ...awkward]);
  });

  it.each([
    ['30 2 * * *', 'Europe/Lisbon', '*-*-* 02,03:30:00 Europe/Lisbon'],
    ['0 6 1 */6 *', 'UTC', '*-01,07-01 06,07:00:00 UTC'],
    ['*/30 * * * 1,5', 'Asia/Tokyo', 'Mon,Fri *-*-* *:00,30:00 Asia/Tokyo'],
    ['0 6 1 * 1', 'UTC', '*-*-* 06,07:00:00 UTC'],
  ])('wake at %s in %s', (cron, zone, calendar) => {
    const settings = settingsOf(systemdUnits(unitOf(cron, zone), 'segtag')[1]!.text);
    expect(settings.get('OnCalendar')).toBe(calendar);
    expect(settings.get('Persistent')).toBe('true');
  });

  itWithSystemd('are what systemd itself takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'segtag-units-'));
    const paths = [service!, timer!].map(({ path, text }) => {
      const file = join(folder, basename(path));
      writeFileSync(file, text.replace('User=segtag', 'User=root'));
      return file;
    });
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], { encoding: 'utf8' });
    expect({ status, complaints: stderr.split('\n').filter((line) => line.includes('segtag-')) }).toEqual({
      status: 0,
      complaints: [],
    });
    const onCalendar = settingsOf(timer!.text).get('OnCalendar')!;
    expect(spawnSync('systemd-analyze', ['calendar', onCalendar]).status).toBe(0);
  });
});

/** The words of a command line as systemd.service(5) describes it, for words in double quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word
      .replaceAll('%%', '%')
      .replaceAll('$$', '$')
      .replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
  );
}

function itWithSystemd(title: string, test: () => void): void {
  const { status } = spawnSync('systemd-analyze', ['calendar', 'daily']);
  if (status !== 0) console.warn('SKIPPED: systemd-analyze is absent; unit files are only parsed.');
  it.skipIf(status !== 0)(title, test);
}
