import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueSlots, slotsBetween } from '../../../src/analysis/decide/due-slots.ts';
import { formatDay } from '../../../src/frame/day.ts';
import { jobSchema, type Schedule } from '../../../src/job/schema.ts';

function scheduleOf(cron: string, timezone: string, more: Record<string, unknown> = {}): Schedule {
  return jobSchema.shape.schedule.parse({ cron, timezone, ...more })!;
}

const zones = [
  'America/New_York',
  'America/Havana',
  'Australia/Lord_Howe',
  'America/Santiago',
  'America/Sao_Paulo',
  'Europe/Lisbon',
  'UTC',
];
const dayMs = 86_400_000;
const from = new Date('2026-01-01T12:00:00Z');
const until = new Date(from.getTime() + 400 * dayMs);

describe('the slots of a nightly job', () => {
  it.each(zones)('are one per local date over 400 days in %s, whatever its hour and minute', (zone) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), (hour, minute) => {
        const slots = slotsBetween(scheduleOf(`${minute} ${hour} * * *`, zone), from, until);
        const dates = slots.map(({ asOf }) => asOf as number);
        expect(dates).toEqual(dates.map((_, i) => dates[0]! + i));
        expect(slots.length).toBeGreaterThanOrEqual(399);
      }),
      { numRuns: 30 },
    );
  });

  it('start at the end of the gap where clocks skip their time, or not at all', () => {
    const nights = [new Date('2026-03-06T12:00:00Z'), new Date('2026-03-10T12:00:00Z')] as const;
    const moved = slotsBetween(scheduleOf('30 2 * * *', 'America/New_York'), ...nights);
    expect(moved.map(({ scheduledAt, shifted }) => [scheduledAt.toISOString(), shifted])).toEqual([
      ['2026-03-07T07:30:00.000Z', false],
      ['2026-03-08T07:00:00.000Z', true],
      ['2026-03-09T06:30:00.000Z', false],
      ['2026-03-10T06:30:00.000Z', false],
    ]);
    const skipped = slotsBetween(scheduleOf('30 2 * * *', 'America/New_York', { dst: 'skip' }), ...nights);
    expect(skipped.map(({ asOf }) => formatDay(asOf))).toEqual(['2026-03-07', '2026-03-09', '2026-03-10']);
  });
});

function nightly(more: Record<string, unknown> = {}): Schedule {
  return scheduleOf('0 2 * * *', 'UTC', more);
}

const due = (schedule: Schedule, newestTaken: string | null, now: string): [string, string][] =>
  dueSlots(schedule, newestTaken === null ? null : new Date(newestTaken), new Date(now)).map(({ asOf, trigger }) => [
    formatDay(asOf),
    trigger,
  ]);

describe('dueSlots', () => {
  it('takes the slot of this night, and no slot twice', () => {
    expect(due(nightly(), '2026-06-29T02:00:00Z', '2026-06-30T02:00:20Z')).toEqual([['2026-06-30', 'schedule']]);
    expect(due(nightly(), '2026-06-30T02:00:00Z', '2026-06-30T02:00:20Z')).toEqual([]);
    expect(due(nightly(), '2026-06-29T02:00:00Z', '2026-06-30T01:59:59Z')).toEqual([]);
  });

  it('finds nothing new when a clock is stepped back', () => {
    expect(due(nightly(), '2026-06-30T02:00:00Z', '2026-06-30T01:30:00Z')).toEqual([]);
    expect(due(nightly(), '2026-06-30T02:00:00Z', '2026-06-28T02:30:00Z')).toEqual([]);
  });

  it('leaves to a late host only what nobody has taken', () => {
    expect(due(nightly(), '2026-06-30T02:00:00Z', '2026-06-30T02:01:00Z')).toEqual([]);
    expect(due(nightly(), '2026-06-29T02:00:00Z', '2026-06-30T02:01:00Z')).toEqual([['2026-06-30', 'schedule']]);
  });

  it('catches up after three days of downtime as the policy says, within the deadline', () => {
    const [taken, now] = ['2026-06-26T02:00:00Z', '2026-06-30T01:00:00Z'];
    expect(due(nightly(), taken, now)).toEqual([['2026-06-29', 'catch_up']]);
    expect(due(nightly({ catch_up: 'none' }), taken, now)).toEqual([]);
    expect(due(nightly({ catch_up: { all: 10 } }), taken, now)).toEqual([['2026-06-29', 'catch_up']]);
    const week = { deadline_hours: 168 };
    expect(due(nightly({ catch_up: { all: 10 }, ...week }), taken, now).map(([date]) => date)).toEqual([
      '2026-06-27',
      '2026-06-28',
      '2026-06-29',
    ]);
    expect(due(nightly({ catch_up: { all: 2 }, ...week }), taken, now).map(([date]) => date)).toEqual([
      '2026-06-28',
      '2026-06-29',
    ]);
    expect(due(nightly({ deadline_hours: 2 }), taken, now)).toEqual([]);
  });

  it('does not run a new job for the past', () => {
    expect(due(nightly(), null, '2026-06-30T02:30:00Z')).toEqual([['2026-06-30', 'catch_up']]);
    expect(due(nightly(), null, '2026-06-30T12:00:00Z')).toEqual([]);
  });

  it('never gives a slot outside the deadline, in the future, or taken before', () => {
    const minutes = fc.integer({ min: -10_000, max: 10_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        minutes,
        minutes,
        fc.integer({ min: 1, max: 72 }),
        (zone, taken, at, hours) => {
          const schedule = scheduleOf('17 */3 * * *', zone, { catch_up: { all: 50 }, deadline_hours: hours });
          const [newest, now] = [taken, at].map((minute) => new Date(from.getTime() + minute * 60_000)) as [Date, Date];
          for (const { scheduledAt } of dueSlots(schedule, newest, now)) {
            expect(scheduledAt.getTime()).toBeGreaterThan(newest.getTime());
            expect(scheduledAt.getTime()).toBeLessThanOrEqual(now.getTime());
            expect(now.getTime() - scheduledAt.getTime()).toBeLessThanOrEqual(hours * 3_600_000);
          }
        },
      ),
    );
  });
});
