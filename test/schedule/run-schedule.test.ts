import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { runSchedule } from '../../src/schedule/run-schedule.ts';

type Line = { message: string; job?: string; exit?: number; pid?: number; signal?: string };
const everySecond = '* * * * * *';

/** Runs a schedule of one job until the log satisfies a condition, then stops it; returns all log lines. */
async function scheduleUntil(script: string, done: (lines: Line[]) => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  const controller = new AbortController();
  const stream = new PassThrough().on('data', (data: Buffer) => {
    for (const text of data.toString().trim().split('\n')) lines.push(JSON.parse(text) as Line);
    if (done(lines)) controller.abort();
  });
  await runSchedule({
    jobs: [{ job: 'opportunities', cron: everySecond, timezone: 'UTC' }],
    commandOf: () => [process.execPath, '-e', script],
    log: createLogger(stream),
    signal: controller.signal,
    graceMs: 1000,
  });
  return lines;
}

function messages(lines: readonly Line[], message: string): Line[] {
  return lines.filter((line) => line.message === message);
}

describe('a schedule', () => {
  it('runs a due job again and again in child processes, and logs each exit code', async () => {
    const lines = await scheduleUntil('process.exit(3)', (soFar) => messages(soFar, 'run ended').length >= 2);
    const ended = messages(lines, 'run ended');
    expect(ended.slice(0, 2)).toMatchObject([
      { job: 'opportunities', exit: 3 },
      { job: 'opportunities', exit: 3 },
    ]);
    expect(new Set(ended.map(({ pid }) => pid)).size).toBe(ended.length);
    expect(lines.at(-1)).toMatchObject({ message: 'schedule stopped' });
  });

  it('does not start a job that is still running', async () => {
    const lines = await scheduleUntil('setInterval(() => {}, 1000)', (soFar) =>
      soFar.some(({ message }) => message.includes('skipped')),
    );
    expect(messages(lines, 'run started')).toHaveLength(1);
  });

  it('passes SIGTERM on when it stops, and kills a child that ignores it', async () => {
    const polite = await scheduleUntil(
      'setInterval(() => {}, 1000)',
      (soFar) => messages(soFar, 'run started').length === 1,
    );
    expect(messages(polite, 'run ended')).toMatchObject([{ signal: 'SIGTERM' }]);
    // The third skipped time comes seconds after the start, when the child surely listens.
    const deaf = await scheduleUntil(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)",
      (soFar) => soFar.filter(({ message }) => message.includes('skipped')).length >= 3,
    );
    expect(messages(deaf, 'run ended')).toMatchObject([{ signal: 'SIGKILL' }]);
  });
});
