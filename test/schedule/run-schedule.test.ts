import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { jobSchema } from '../../src/job/schema.ts';
import { createLogger } from '../../src/log.ts';
import { runSchedule } from '../../src/schedule/run-schedule.ts';

type Line = { message: string; job?: string; slot?: string; exit?: number; pid?: number; signal?: string };

type Script = { readonly code: string; readonly timeoutMinutes?: number };

/** A job due each minute, on a clock that goes a minute a second, until the log satisfies a condition; returns its lines. */
async function scheduleUntil({ code, timeoutMinutes = 10 }: Script, done: (lines: Line[]) => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  const controller = new AbortController();
  const stream = new PassThrough().on('data', (data: Buffer) => {
    for (const text of data.toString().trim().split('\n')) lines.push(JSON.parse(text) as Line);
    if (done(lines)) controller.abort();
  });
  const began = Date.now();
  const now = (): Date => new Date(Date.UTC(2026, 5, 30) + 60 * (Date.now() - began));
  const taken: Date[] = [];
  await runSchedule({
    jobs: [
      {
        job: 'opportunities',
        schedule: jobSchema.shape.schedule.parse({ cron: '* * * * *', timeout_minutes: timeoutMinutes })!,
        newestTaken: async () => taken.at(-1) ?? null,
      },
    ],
    commandOf: (_job, { scheduledAt }) => {
      taken.push(scheduledAt);
      return [process.execPath, '-e', code];
    },
    log: createLogger(stream),
    signal: controller.signal,
    graceMs: 1000,
    now,
    wakeAt: '* * * * * *',
  });
  return lines;
}

function messages(lines: readonly Line[], message: string): Line[] {
  return lines.filter((line) => line.message === message);
}

const sleeper = 'setInterval(() => {}, 1000)';

describe('a schedule', () => {
  it('runs each due slot once, in a child process, and logs each exit code', async () => {
    const lines = await scheduleUntil({ code: 'process.exit(3)' }, (soFar) => messages(soFar, 'run ended').length >= 3);
    const ended = messages(lines, 'run ended');
    expect(ended.every(({ job, exit }) => job === 'opportunities' && exit === 3)).toBe(true);
    expect(new Set(ended.map(({ pid }) => pid)).size).toBe(ended.length);
    expect(new Set(ended.map(({ slot }) => slot)).size).toBe(ended.length);
    expect(lines.at(-1)).toMatchObject({ message: 'schedule stopped' });
  });

  it('does not start a job that is still running', async () => {
    const code = 'setTimeout(() => {}, 3500)'; // three wake-ups long
    const lines = await scheduleUntil({ code }, (soFar) => messages(soFar, 'run started').length === 2);
    const order = lines.map(({ message }) => message).filter((message) => message.startsWith('run '));
    expect(order.slice(0, 3)).toEqual(['run started', 'run ended', 'run started']);
  });

  it('passes SIGTERM on when it stops', async () => {
    const lines = await scheduleUntil({ code: sleeper }, (soFar) => messages(soFar, 'run started').length === 1);
    expect(messages(lines, 'run ended')).toMatchObject([{ signal: 'SIGTERM' }]);
  });

  it('stops a run that takes too long, and kills it when it does not listen', async () => {
    const deaf = { code: `process.on('SIGTERM', () => {}); ${sleeper}`, timeoutMinutes: 0.05 };
    const lines = await scheduleUntil(deaf, (soFar) => messages(soFar, 'run ended').length === 1);
    expect(messages(lines, 'run takes too long and is stopped')).toHaveLength(1);
    expect(messages(lines, 'run ended')[0]).toMatchObject({ signal: 'SIGKILL' });
  });
});
