import { readFileSync } from 'node:fs';
import type { CentroidModel, Model } from '../../src/analysis/model.ts';
import type { Column } from '../../src/frame/column.ts';
import { parseDay } from '../../src/frame/day.ts';
import { parseJob } from '../../src/job/load-job.ts';
import type { Job } from '../../src/job/schema.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import { segmentCustomers } from '../../src/pipeline/methods/segment-customers.ts';
import type { Segmentation } from '../../src/pipeline/methods/segmentation.ts';
import { separateOutliers } from '../../src/pipeline/stages/outliers.ts';

/** A job of the project, with pieces of its text replaced. */
export function readJob(file: string, ...edits: readonly (readonly [from: string, to: string])[]): Job {
  const text = edits.reduce(
    (before, [from, to]) => {
      if (!before.includes(from)) throw new Error(`${file} has no "${from}"`);
      return before.replace(from, to);
    },
    readFileSync(file, 'utf8'),
  );
  const parsed = parseJob(text, file);
  if ('mistakes' in parsed) throw new Error(parsed.mistakes.map(({ message }) => message).join('\n'));
  return parsed.job;
}

export type NightInput = {
  readonly job: Job;
  /** Numbers by column, one per customer. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly asOf: string;
  /** Of the night before. */
  readonly model?: Model | undefined;
};

export type ComputedNight = {
  readonly segmentation: Segmentation;
  readonly model: CentroidModel;
  /** The segment of each customer, or null where it keeps its tag. */
  readonly segments: readonly (string | null)[];
};

/** The stages of a run between its checks and its plan, on numbers in memory. */
export async function computeNight({ job, columns, asOf, model }: NightInput): Promise<ComputedNight> {
  const context = contextOf(job, asOf);
  const numbers = Object.entries(columns).map(([name, values]): [string, Column] => [name, { kind: 'number', values }]);
  const rowCount = Object.values(columns)[0]!.length;
  const checked = {
    findings: [],
    invalid: 0,
    repeatedIds: new Set<string>(),
    customers: { rowCount, columns: new Map(numbers) },
  };
  const separated = separateOutliers(context, checked, model);
  const segmentation = await segmentCustomers(context, {
    separated,
    model,
    fitted: undefined,
    stage: (_, work) => Promise.resolve(work()),
  });
  const { fences } = separated;
  const next = { version: 1, outlierAction: null, fences, shapeHash: '', ...segmentation.model } as CentroidModel;
  const segments = Array.from(segmentation.segmentOf, (i) => segmentation.segments[i]?.segment ?? null);
  return { segmentation, model: next, segments };
}

function contextOf(job: Job, asOf: string): RunContext {
  const part: Partial<RunContext> = {
    loaded: {
      job,
      file: '',
      text: '',
      locate: () => '',
      mistake: () => {
        throw new Error('a mistake in a file');
      },
    },
    runId: asOf,
    asOf: parseDay(asOf),
    signal: new AbortController().signal,
    threads: 1,
  };
  return part as RunContext;
}
