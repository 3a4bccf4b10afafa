import { idColumn } from '../../../src/frame/id.ts';
import type { NumericColumn } from '../../../src/analysis/matrix.ts';
import { fitRfm, type FittedRfm, type RfmInput, type RfmScores } from '../../../src/analysis/rfm/scoring.ts';
import { firstRows } from '../../../src/analysis/rfm/segment-table.ts';
import { jobSchema } from '../../../src/job/schema.ts';
import { rfmSettings, type RfmSettings } from '../../../src/job/rfm/settings.ts';

export type Rfm = {
  readonly recency: readonly number[];
  readonly frequency: readonly number[];
  readonly monetary: readonly number[];
};

/** Customers called 0000, 0001 and so on, or as given, which must ascend. */
export function inputOf(values: Rfm, ids?: readonly string[]): RfmInput {
  const columns: NumericColumn[] = Object.entries(values).map(([name, of]) => ({
    name,
    values: Float64Array.from(of),
  }));
  const count = values.recency.length;
  const names = ids ?? Array.from({ length: count }, (_, i) => String(i).padStart(4, '0'));
  return { columns, ids: idColumn(names), rows: Uint32Array.from({ length: count }, (_, i) => i) };
}

/** What a job file that says this of its segments means; each axis is the column of its name. */
export function settingsOf(written: Record<string, unknown>): RfmSettings {
  const segments = { method: 'rfm', recency: 'recency', frequency: 'frequency', monetary: 'monetary', ...written };
  const parsed = jobSchema.shape.segments.parse(segments);
  if (parsed.method !== 'rfm') throw new Error('not rfm');
  return rfmSettings(parsed);
}

export type Scored = {
  readonly fitted: FittedRfm;
  readonly scores: RfmScores;
  /** `543` for each customer. */
  readonly digits: readonly number[];
  /** The slug, or null where no row fits. */
  readonly segments: readonly (string | null)[];
};

/** Fits and scores in one go. */
export function scored(values: Rfm, written: Record<string, unknown>, ids?: readonly string[]): Scored {
  const settings = settingsOf(written);
  const { fitted, scores } = fitRfm(settings, inputOf(values, ids));
  const { recency, frequency, monetary } = scores.byAxis;
  const digits = Array.from(recency ?? [], (r, i) => 100 * r + 10 * frequency![i]! + (monetary?.[i] ?? 0));
  const rows = firstRows(settings.table, scores);
  const segments = Array.from(rows, (row) => settings.table[row]?.segment ?? settings.otherwise);
  return { fitted, scores, digits, segments };
}

/** The 46 cells of quartile scores that pymc-marketing gives a name, as a job file has them. */
export const pymcTable = [
  { segment: 'premium_customer', cells: ['334', '443', '444', '344', '434', '433', '343', '333'] },
  { segment: 'repeat_customer', cells: ['244', '234', '232', '332', '143', '233', '243'] },
  {
    segment: 'top_spender',
    cells: ['424', '414', '144', '314', '324', '124', '224', '423', '413', '133', '323', '313', '134'],
  },
  { segment: 'at_risk_customer', cells: ['422', '223', '212', '122', '222', '132', '322', '312', '412', '123', '214'] },
  { segment: 'inactive_customer', cells: ['411', '111', '113', '114', '112', '211', '311'] },
];
