import * as z from 'zod';
import { slug } from '../schema/parts.ts';

/** A closed interval of scores. */
export type ScoreRange = readonly [low: number, high: number];
/** What a rule looks at; `value` combines frequency and monetary. */
export type ScoreAxis = 'recency' | 'frequency' | 'monetary' | 'value';
/** Customers whose score lies, on every axis named, in any of its ranges. */
export type Cells = Readonly<Partial<Record<ScoreAxis, readonly ScoreRange[]>>>;
/** One row of a segment table: customers in any of its `cells`. */
export type TableRow = { readonly segment: string; readonly cells: readonly Cells[] };

const rangeWords = 'must be a score such as 5, or a range such as 3-5';
const scoreRange = z
  .union([z.int(rangeWords).min(0).max(9), z.string().regex(/^\d(-\d)?$/, rangeWords)])
  .transform((range): readonly ScoreRange[] => {
    const [low = 0, high = low] = String(range).split('-').map(Number);
    return [[low, high]];
  });

const cellWords = 'must be one pattern a score, in the order recency, frequency, monetary, such as [1-2][3-4]5';
const cellPattern = z
  .string(cellWords)
  .regex(/^(\d|\[(\d-\d|\d+)\]){2,3}$/, cellWords)
  .transform((pattern): Cells => {
    const parts = pattern.match(/\d|\[[^\]]*\]/g) ?? [];
    const [recency = [], frequency = [], monetary] = parts.map(rangesOf);
    return { recency, frequency, ...(monetary ? { monetary } : {}) };
  });

function rangesOf(part: string): ScoreRange[] {
  const range = /^\[(\d)-(\d)\]$/.exec(part);
  if (range) return [[Number(range[1]), Number(range[2])]];
  return Array.from(part.replaceAll(/[[\]]/g, ''), (digit) => [Number(digit), Number(digit)] as const);
}

/** A row of a segment table as the file has it: a range per axis, or patterns of score digits. */
export const tableRow = z
  .strictObject({
    segment: slug.describe('The slug that is published'),
    recency: scoreRange.optional().describe('Recency scores, such as 4-5'),
    frequency: scoreRange.optional().describe('Frequency scores'),
    monetary: scoreRange.optional().describe('Monetary scores'),
    value: scoreRange.optional().describe('What value_axis makes of frequency and monetary'),
    cells: z
      .union([cellPattern.transform((cells) => [cells]), z.array(cellPattern).min(1)])
      .optional()
      .describe('Patterns of the digits of recency, frequency and monetary, such as [1-2][3-4]5, instead of ranges'),
  })
  .transform(({ segment, cells, recency, frequency, monetary, value }): TableRow => {
    if (cells) return { segment, cells };
    const axes = Object.entries({ recency, frequency, monetary, value }).filter(([, ranges]) => ranges !== undefined);
    return { segment, cells: [Object.fromEntries(axes) as Cells] };
  });
