import { SegtagError } from '../errors.ts';
import { absolute, fillIn, overridden, type Surroundings } from './fill-references.ts';
import { chooseTarget, type LoadedConnections } from './load-connections.ts';
import { metricsSchema, smtpSchema, type MetricsOutput, type Smtp } from './schema/notify.ts';
import { isRecord } from './plain-value.ts';

/** The target's mail server with its password filled in. Throws E_CONNECTION_CONFIG, also where there is none. */
export function resolveSmtp(connections: LoadedConnections, targetName: string, surroundings: Surroundings): Smtp {
  const target = chooseTarget(connections, targetName);
  const path = ['targets', target.name, 'smtp'];
  const { locate, file } = connections;
  if (!isRecord(target.smtp))
    throw new SegtagError('E_CONNECTION_CONFIG', {
      where: file,
      what: `target "${target.name}" has no smtp, and a job wants to send mail`,
      remedy: 'Write smtp: { host: …, from: … } beside its connections.',
    });
  const password = overridden(target.name, 'smtp', surroundings);
  const { password: written, ...rest } = target.smtp;
  const secret = password === undefined ? (written === undefined ? {} : { password: written }) : {};
  const filled = fillIn({ ...rest, ...secret }, { path, locate, surroundings });
  const port = typeof filled['port'] === 'string' ? Number(filled['port']) : filled['port'];
  const result = smtpSchema.safeParse({
    ...filled,
    ...(port === undefined ? {} : { port }),
    ...(password === undefined ? {} : { password: password.value() }),
  });
  if (result.success) return result.data;
  throw unfit(locate(path), result.error.issues[0]?.path);
}

/** Where the target's metrics go, with the file's path made absolute; nowhere for a target that says nothing. */
export function resolveMetrics(
  connections: LoadedConnections,
  targetName: string,
  surroundings: Surroundings,
): MetricsOutput {
  const target = chooseTarget(connections, targetName);
  const path = ['targets', target.name, 'metrics'];
  const { locate } = connections;
  if (!isRecord(target.metrics)) return {};
  const result = metricsSchema.safeParse(fillIn(target.metrics, { path, locate, surroundings }));
  if (!result.success) throw unfit(locate(path), result.error.issues[0]?.path);
  const { file, ...rest } = result.data;
  return { ...rest, ...(file === undefined ? {} : { file: absolute(file, surroundings.projectDir) }) };
}

function unfit(where: string, path: readonly PropertyKey[] | undefined): SegtagError {
  return new SegtagError('E_CONNECTION_CONFIG', {
    where,
    what: `what the reference in ${String(path?.at(-1) ?? 'this setting')} stands for does not fit there`,
    remedy: 'Correct the environment variable or the file that it names.',
  });
}
