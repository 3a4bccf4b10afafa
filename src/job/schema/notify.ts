import * as z from 'zod';

/** What may be wrong with a job; each is told once while it lasts. */
const alertConditions = ['failed', 'held', 'crashed', 'overdue', 'consumer_lag'] as const;
const alertEvents = [...alertConditions, 'recovered'] as const;

export type AlertCondition = (typeof alertConditions)[number];

/** The settings of `notify` that are secrets: never literal in a job file, never shown. */
export const notifySecrets = ['webhook', 'secret'] as const;

/** One way to tell people or programs about a job. */
export const notification = z.strictObject({
  events: z
    .array(z.enum(alertEvents))
    .min(1)
    .default([...alertEvents])
    .describe('What is told; recovered: also the end of what was told. Default: everything'),
  webhook: z.string().optional().describe('A reference to the address, "${env:NAME}"; it gets JSON by POST'),
  secret: z.string().optional().describe('A reference to the key with which webhook bodies are signed (HMAC-SHA256)'),
  email: z
    .union([z.email().transform((address) => [address]), z.array(z.email()).min(1)])
    .optional()
    .describe('Addresses; mail goes through the smtp server of the target in config/connections.yaml'),
  remind_after: z
    .string()
    .regex(/^[1-9]\d*[hd]$/, 'must be a number of hours or days such as 12h or 7d')
    .transform((text) => ({ hours: Number.parseInt(text) * (text.endsWith('d') ? 24 : 1) }))
    .optional()
    .describe('Tell again, after this time and its multiples, what still lasts; such as 12h or 7d. Default: never'),
});

/** How far readers of the change feed may be behind. */
export const consumers = z.strictObject({
  names: z
    .array(z.string().min(1).max(64))
    .min(1)
    .optional()
    .describe('Readers of the change feed that are watched; default: all that ever acknowledged'),
  max_changes: z.int().min(0).optional().describe('More changes of this job than this unread are an alert'),
  max_hours: z.number().positive().optional().describe('A change of this job unread for longer than this is an alert'),
});

/** Where mail is handed in. */
export const smtpSchema = z.strictObject({
  host: z.string().min(1).describe('Name or address of the mail server'),
  port: z.int().min(1).max(65535).default(587).describe('Port of the mail server'),
  tls: z
    .enum(['starttls', 'tls', 'disable'])
    .default('starttls')
    .describe('starttls: must be offered and is used; tls: from the first byte (port 465); disable: never encrypted'),
  user: z.string().min(1).optional().describe('Name to log in with'),
  password: z.string().min(1).optional().describe('A reference: "${env:NAME}" or "${file:/run/secrets/name}"'),
  from: z.string().min(1).describe('The sender, such as "segtag <segtag@example.com>"'),
});

/** Where metrics in Prometheus text form go after each run. */
export const metricsSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .optional()
    .describe('A .prom file, replaced as a whole, for the textfile collector; relative to the project folder'),
  push: z
    .string()
    .min(1)
    .optional()
    .describe('A reference to the address of a Pushgateway, such as "${env:PUSHGATEWAY}"'),
});

export type Smtp = z.output<typeof smtpSchema>;
export type MetricsOutput = z.output<typeof metricsSchema>;
