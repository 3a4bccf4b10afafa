import { runChecks, type Finding } from '../../analysis/decide/checks.ts';
import type { SortedIds } from '../../analysis/decide/repeats.ts';
import { SegtagError } from '../../errors.ts';
import { isNull } from '../../frame/column.ts';
import { columnOf, takeFrameRows, type Frame } from '../../frame/frame.ts';
import { compareIds, idAt } from '../../frame/id.ts';
import { sortedRows } from '../../frame/id-order.ts';
import { requireColumns } from '../source/column-contract.ts';
import type { ReadContext } from '../context.ts';
import type { Extracted } from './extract.ts';

export type Checked = {
  readonly findings: readonly Finding[];
  /** Customers with an id of their own, in bytewise order of it: from here on everything is deterministic. */
  readonly customers: Frame;
  /** Rows whose id is null, empty or repeated. */
  readonly invalid: number;
  /** Repeated ids: these customers keep the tag they have. */
  readonly repeatedIds: ReadonlySet<string>;
};

/** Holds the extract against the job's checks; throws before anything is computed when one fails. */
export function check(context: ReadContext, extracted: Extracted, recentCounts: readonly number[]): Checked {
  const { job } = context.loaded;
  const { customers } = extracted;
  if (customers.rowCount === 0) refuseEmpty(context, extracted);
  requireColumns(context.loaded, customers);
  const ids = columnOf(customers, job.source.customer_id, 'id');
  const sortedIds = { ids, rows: sortedRows(ids) };
  const { asOf } = context;
  const findings = runChecks(job.checks, {
    frame: customers,
    asOf,
    removed: extracted.removed,
    recentCounts,
    sortedIds,
  });
  const failed = findings.filter((finding) => finding.verdict === 'failed');
  if (failed.length > 0) refuseFailed(context, failed);
  const checked = { findings, ...separateInvalid(customers, sortedIds) };
  const limit = job.source.max_invalid;
  const allowed = 'share' in limit ? limit.share * customers.rowCount : limit.count;
  if (checked.invalid > allowed || checked.customers.rowCount === 0) refuseInvalid(context, checked);
  return checked;
}

/** The checks in one line. */
export function noteCheck({ findings, invalid }: Checked): string {
  const warned = findings.filter((finding) => finding.verdict === 'warned');
  const parts = [`${findings.length - warned.length} passed`];
  if (warned.length > 0) parts.push(`${warned.length} warned: ${warned.map((finding) => finding.message).join('; ')}`);
  if (invalid > 0) parts.push(`${invalid.toLocaleString('en-US')} rows with an invalid id`);
  return parts.join(' · ');
}

function separateInvalid(customers: Frame, { ids, rows: sorted }: SortedIds): Omit<Checked, 'findings'> {
  const repeatedIds = new Set<string>();
  const valid = new Uint32Array(sorted.length);
  let count = 0;
  let likeBefore = false;
  for (let i = 0; i < sorted.length; i++) {
    const row = sorted[i]!;
    const likeNext = i + 1 < sorted.length && compareIds(ids, row, ids, sorted[i + 1]!) === 0;
    const isMissing = isNull(ids, row) || ids.offsets[row] === ids.offsets[row + 1];
    const isRepeated = !isMissing && (likeBefore || likeNext);
    if (isRepeated) repeatedIds.add(idAt(ids, row));
    if (!isMissing && !isRepeated) valid[count++] = row;
    likeBefore = likeNext;
  }
  // Rows that come in order and whole need no second copy of themselves.
  const asTheyAre = count === customers.rowCount && valid.every((row, i) => row === i);
  return {
    customers: asTheyAre ? customers : takeFrameRows(customers, valid.subarray(0, count)),
    invalid: sorted.length - count,
    repeatedIds,
  };
}

/** Says of an empty read which cleaning rules removed more than they may. */
function refuseEmpty({ loaded, asOf }: ReadContext, { customers, removed }: Extracted): never {
  const cleaning = loaded.job.checks.filter(({ check }) => check === 'removed');
  const failed = runChecks(cleaning, { frame: customers, asOf, removed, recentCounts: [] }).filter(
    ({ verdict }) => verdict !== 'passed',
  );
  throw new SegtagError('E_EMPTY_READ', {
    where: `sql/${loaded.job.job}/customers.sql`,
    what: ['The query returned no customers. An empty read never removes tags.', ...linesOf(failed)].join('\n'),
    remedy: `See the statement with \`segtag render ${loaded.job.job}\` and run it by hand.`,
  });
}

function linesOf(findings: readonly Finding[]): string[] {
  return findings.map((finding) => `  ${finding.check}: ${finding.message} (${finding.limit})`);
}

function refuseFailed({ loaded }: ReadContext, failed: readonly Finding[]): never {
  throw new SegtagError('E_CHECK_FAILED', {
    where: loaded.locate(['checks']),
    what: `${failed.length === 1 ? 'A check' : `${failed.length} checks`} failed:\n${linesOf(failed).join('\n')}`,
    remedy: `Mend the source, or change the check in ${loaded.file}.`,
  });
}

function refuseInvalid({ loaded }: ReadContext, checked: Omit<Checked, 'findings'>): never {
  const shown = [...checked.repeatedIds].slice(0, 10);
  const repeated = shown.length > 0 ? ` Repeated: ${shown.join(', ')}.` : '';
  const all = checked.customers.rowCount === 0 ? 'All ' : '';
  throw new SegtagError('E_TOO_MANY_INVALID', {
    where: loaded.locate(['source', 'customer_id']),
    what: `${all}${checked.invalid.toLocaleString('en-US')} rows have a null, empty or repeated ${loaded.job.source.customer_id}.${repeated}`,
    remedy: 'Make customers.sql return one row per customer, or allow some with source.max_invalid.',
  });
}
