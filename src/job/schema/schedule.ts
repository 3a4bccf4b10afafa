import * as z from 'zod';

/** When the job runs. */
export const schedule = z.strictObject({
  cron: z.string().describe('Minute, hour, day of month, month, weekday; quote it'),
  timezone: z.string().default('UTC').describe('An IANA time zone; as_of is its calendar date'),
  dst: z
    .enum(['run_next_valid', 'skip'])
    .default('run_next_valid')
    .describe('A time of day that clocks skip: run at the end of the gap, or not on that day'),
  catch_up: z
    .union([
      z.enum(['none', 'latest']),
      z.strictObject({ all: z.int().min(1).max(366).describe('How many missed slots at most') }),
    ])
    .default('latest')
    .describe('After downtime: no missed slot, the newest one, or { all: n } of them'),
  deadline_hours: z.number().positive().default(24).describe('Missed slots older than this are not caught up'),
  timeout_minutes: z.number().positive().default(240).describe('A run that takes longer is stopped'),
  jitter_minutes: z
    .number()
    .min(0)
    .max(720)
    .default(0)
    .describe('A run starts up to this much later, always the same for a job and a slot: not all jobs at once'),
  grace_minutes: z.number().min(0).default(240).describe('A job without a success this long after its time is overdue'),
});

const durationUnits = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90m` in the file, milliseconds in memory. */
const duration = z
  .string('must be a duration such as 90m')
  .regex(/^\d+(s|m|h)$/, 'must be a duration such as 45s, 90m or 2h')
  .transform((text) => Number(text.slice(0, -1)) * durationUnits[text.at(-1) as keyof typeof durationUnits]);

/** What a run waits for before it reads. */
export const ready = z.strictObject({
  sql: z
    .string()
    .regex(/^[a-z][a-z0-9_]*\.sql$/, 'must be a file name such as ready.sql')
    .default('ready.sql')
    .describe("A query in the job's SQL folder; the source is ready when it returns a row, and that row is not false"),
  wait_up_to: duration.describe('How long a run waits for it, such as 2h'),
});

/** What a run does when a database is out of reach for a moment. */
export const retry = z.strictObject({
  budget_seconds: z
    .number()
    .min(0)
    .default(120)
    .describe('Time that a run spends, in all, on pauses and further attempts; 0: fail at once'),
});
