import type { NumericColumn } from '../analysis/matrix.ts';
import { rfmSettings } from '../job/rfm/settings.ts';
import type { Job } from '../job/schema.ts';
import { valueColumn } from './value-column.ts';

/** The columns by which a person knows a customer: how recently, how often, for how much; null where there is none. */
export type CustomerAxes = {
  readonly recency: string | null;
  readonly frequency: string | null;
  readonly value: string | null;
  /** The number columns that tell segments apart, the most telling first: the axes and the features. */
  readonly typical: readonly string[];
  /** These, and then all others. */
  readonly described: readonly string[];
};

const frequencyNames = ['frequency', 'orders', 'deals', 'purchases', 'invoices', 'visits', 'transactions'];

/** Finds the axes of a job: those that its scores name; else by the names of the columns, and money by its type. */
export function customerAxes(job: Job, columns: readonly NumericColumn[]): CustomerAxes {
  const names = columns.map(({ name }) => name);
  const scored = job.segments.method === 'rfm' ? rfmSettings(job.segments).axes : [];
  const scoredColumn = (wanted: string): string | undefined => scored.find(({ axis }) => axis === wanted)?.column;
  const recency = scoredColumn('recency') ?? names.find((name) => /^recency(_|$)/.test(name)) ?? null;
  const frequency = scoredColumn('frequency') ?? names.find((name) => frequencyNames.includes(name)) ?? null;
  const value = scoredColumn('monetary') ?? valueColumn(job, columns)?.name ?? null;
  const features = Object.keys(job.features).filter((name) => names.includes(name));
  const known = [value, recency, frequency].filter((name) => name !== null);
  const typical = [...new Set([...known, ...features])];
  return { recency, frequency, value, typical, described: [...new Set([...typical, ...names])] };
}
