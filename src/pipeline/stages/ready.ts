import { setTimeout as sleep } from 'node:timers/promises';
import { SegtagError } from '../../errors.ts';
import { isNull } from '../../frame/column.ts';
import type { Frame } from '../../frame/frame.ts';
import type { Job } from '../../job/schema.ts';
import { openWarehouse } from '../../warehouse/open.ts';
import { checkParameters } from '../../warehouse/template/check-parameters.ts';
import { loadTemplates, type Template } from '../../warehouse/template/load-templates.ts';
import { dialectOf, type Dialect } from '../../warehouse/warehouse.ts';
import type { RunContext } from '../context.ts';
import type { Retry } from '../retry.ts';
import { statementOf } from '../source/statement.ts';

export type Ready = { readonly looks: number };

const usualPollMs = 30_000;

/**
 * Waits until the job's source says that it is ready. Each look is a session of its own, because a
 * session sees one state of the source. Throws E_NOT_READY when the time is up.
 */
export async function awaitReady(context: RunContext, gate: NonNullable<Job['ready']>, retry: Retry): Promise<Ready> {
  const { signal, readyPollMs = usualPollMs } = context;
  const dialect = dialectOf(context.warehouse.name, context.warehouse.config.client);
  const templates = loadTemplates(context.projectDir, context.loaded.job, dialect);
  checkParameters(templates, context.loaded, dialect);
  const { ready } = templates;
  if (!ready) throw new Error('a job with a gate has a template for it');
  const deadline = performance.now() + gate.wait_up_to;
  for (let looks = 1; ; looks++) {
    if (await retry('ready', () => look(context, ready, dialect))) return { looks };
    const left = deadline - performance.now();
    if (left <= 0) throw notReady(context, ready, gate.wait_up_to);
    if (looks === 1) tell(context, ready);
    await sleep(Math.min(readyPollMs, left), undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}

/** The wait in one line. */
export function noteReady({ looks }: Ready): string {
  return looks === 1 ? 'the source is ready' : `the source is ready, after ${looks.toLocaleString('en-US')} looks`;
}

async function look(context: RunContext, ready: Template, dialect: Dialect): Promise<boolean> {
  const { job } = context.loaded.job;
  const warehouse = await openWarehouse(context.warehouse, { job, runId: context.runId });
  try {
    const timeoutMs = context.loaded.job.source.timeout_seconds * 1000;
    return saysYes(await warehouse.read(statementOf(ready, context, dialect), { timeoutMs, signal: context.signal }));
  } finally {
    await warehouse.close();
  }
}

/** A row says yes unless its first column is null, false or 0; no row says no. */
function saysYes({ rowCount, columns }: Frame): boolean {
  const [first] = columns.values();
  if (rowCount === 0 || !first || isNull(first, 0)) return false;
  return first.kind === 'boolean' || first.kind === 'number' ? Boolean(first.values[0]) : true;
}

function tell({ log, progress }: RunContext, { file }: Template): void {
  log.info('waiting until the source is ready', { file });
  progress.waiting(`waiting until ${file} says that the source is ready`);
}

function notReady({ loaded }: RunContext, { file }: Template, waitMs: number): SegtagError {
  return new SegtagError('E_NOT_READY', {
    where: file,
    what: `The source was not ready within ${(waitMs / 60_000).toLocaleString('en-US')} minutes. Nothing was read.`,
    remedy: `See what loads the source, then run again: segtag run ${loaded.job.job}`,
  });
}
