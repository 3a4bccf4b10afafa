import type { Finding } from '../../analysis/decide/checks.ts';
import type { KPoint } from '../../analysis/choosing-k/k-curve.ts';
import type { MoveReason } from '../../analysis/decide/reason.ts';
import type { Scores } from '../../analysis/scores.ts';
import type { SegmentText } from '../../analysis/decide/diff.ts';
import type { MethodPart, Model } from '../../analysis/model.ts';
import type { AxisScores } from '../../analysis/rfm/describe-scores.ts';
import type { Separated } from '../stages/outliers.ts';
import type { StageRunner } from '../stage-runner.ts';
import type { FittedInWarehouse } from './fit-in-warehouse.ts';
import type { TreeSummary } from './clustering/explain-tree.ts';
import type { ClusterSummary } from './clustering/name-clusters.ts';
import type { ClusterQuality } from './clustering/cluster-quality.ts';

/** What a method starts from. */
export type MethodInput = {
  readonly separated: Separated;
  /** The published model where tonight goes on from it; it is of the job's method. */
  readonly model: Model | undefined;
  /** What the warehouse has found, where it did the work. */
  readonly fitted: FittedInWarehouse | undefined;
  /** Runs the method's own stages: `features`, `segment`, `label`. */
  readonly stage: StageRunner;
};

/** Thresholds, customers by score, and segments that nobody is in. */
export type ScoringSummary = { readonly axes: readonly AxisScores[]; readonly empty: readonly string[] };

/** What a method hands on: the segment of each customer. The stages behind it don't know which method it was. */
export type Segmentation = {
  /** Every segment that the job may publish, in its order. */
  readonly segments: readonly SegmentText[];
  /** Index into `segments` of each separated customer; -1 keeps the tag that the customer has. */
  readonly segmentOf: Int32Array;
  /** Segments without limits of size, such as the outliers'. */
  readonly exempt: ReadonlySet<string>;
  /** Why a segment has its name, or who is in it, by slug. */
  readonly explanations: ReadonlyMap<string, string>;
  /** Any of them holds the run. */
  readonly problems: readonly string[];
  /** By cluster number, then those of divided segments; none where nothing is clustered. */
  readonly clusters: readonly ClusterSummary[];
  /** The segments as a few questions in raw units; null where nothing is clustered, or too few customers. */
  readonly tree: TreeSummary | null;
  /** The segment of outliers that are tagged. */
  readonly outlierSegment: string | null;
  /** What was found in the columns that the customers are compared by; none of it stops the run. */
  readonly findings: readonly Finding[];
  /** What a person should know of how tonight was segmented; none of it holds the run. */
  readonly notes: readonly string[];
  /** How customers were scored; null where they are not. */
  readonly scoring: ScoringSummary | null;
  /** What is published of a customer beside the columns. */
  readonly scoresOf: (row: number) => Readonly<Record<string, number | string>>;
  /** How other numbers of clusters would fit; null where nothing was fitted tonight. */
  readonly kCurve: readonly KPoint[] | null;
  /** Null where nothing is clustered. */
  readonly quality: ClusterQuality | null;
  /** The method's part of the model that seeds the next night. */
  readonly model: MethodPart;
  /** The method's part of the model was computed tonight. */
  readonly refitted: boolean;
  /** Why a customer moved, from what is published and from what is computed. */
  readonly reasonForMove: (published: Scores, now: Scores) => MoveReason;
};
