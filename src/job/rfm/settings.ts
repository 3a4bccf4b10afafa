import { presets, type Preset, type PresetLabel } from './presets.ts';
import type { RfmSegments } from './schema.ts';
import type { TableRow } from './table.ts';

export type RfmAxisName = 'recency' | 'frequency' | 'monetary';

/** Where an axis is cut: at shares of the customers, 0..1, ascending, or at values. */
export type AxisCut =
  | { readonly by: 'quantile'; readonly shares: readonly number[] }
  | { readonly by: 'rank'; readonly shares: readonly number[] }
  | { readonly by: 'ntile'; readonly bins: number }
  | { readonly by: 'values'; readonly cuts: readonly number[] };

type AxisSettings = {
  readonly axis: RfmAxisName;
  readonly column: string;
  readonly better: 'high' | 'low';
  readonly cut: AxisCut;
  readonly weight: number;
};

/** How customers are scored and which segment goes with which scores, without anything left open. */
export type RfmSettings = {
  /** Recency, frequency and, where there is one, monetary. */
  readonly axes: readonly AxisSettings[];
  readonly compat: 'r-rfm' | null;
  readonly binning: RfmSegments['binning'];
  readonly score: 'average' | 'sum' | 'digits';
  readonly valueAxis: 'frequency' | 'rounded_mean' | 'mean';
  readonly table: readonly TableRow[];
  /** The segment of scores that no row fits; null leaves such customers the tag they have. */
  readonly otherwise: string | null;
  readonly noPurchase: string | null;
  readonly outlier: string | null;
  readonly tiers: readonly string[] | null;
  /** Texts for segments that the job has no label for. */
  readonly labels: readonly PresetLabel[];
};

/** Puts what a job says of its RFM segments on what its preset says. */
export function rfmSettings(segments: RfmSegments): RfmSettings {
  const preset = presetOf(segments);
  const axes = (['recency', 'frequency', 'monetary'] as const).flatMap((axis): AxisSettings[] => {
    const written = segments[axis];
    if (!written) return [];
    const better = written.better ?? (axis === 'recency' ? 'low' : 'high');
    return [{ axis, column: written.column, better, weight: written.weight, cut: cutOf(written, preset?.[axis]) }];
  });
  return {
    axes,
    compat: preset?.compat ?? null,
    binning: segments.binning,
    score: segments.score ?? preset?.score ?? 'average',
    valueAxis: segments.value_axis ?? (segments.monetary ? 'rounded_mean' : 'frequency'),
    table: segments.table ?? preset?.table ?? [],
    otherwise: segments.otherwise ?? preset?.otherwise ?? null,
    noPurchase: segments.no_purchase ?? preset?.noPurchase ?? null,
    outlier: preset?.outlier ?? null,
    tiers: segments.tiers ?? preset?.tiers ?? null,
    labels: preset?.labels ?? [],
  };
}

/** A table of one's own needs no preset. */
function presetOf({ preset, table }: RfmSegments): Preset | undefined {
  if (preset) return presets[preset];
  return table ? undefined : presets.segtag;
}

type Written = RfmSegments['recency'];

function cutOf({ bins, percentiles, cuts, by }: Written, preset: Preset['recency'] | undefined): AxisCut {
  if (cuts) return { by: 'values', cuts };
  const ownBins = bins ?? (percentiles ? undefined : preset && 'bins' in preset ? preset.bins : undefined);
  const presetPercentiles = preset && 'percentiles' in preset ? preset.percentiles : undefined;
  const chosen = bins === undefined ? (percentiles ?? presetPercentiles) : undefined;
  const how = by ?? (preset && 'by' in preset ? preset.by : undefined) ?? 'quantile';
  if (how === 'ntile') return { by: 'ntile', bins: ownBins ?? (chosen ? chosen.length + 1 : 5) };
  if (chosen) return { by: how, shares: chosen.map((percent) => percent / 100) };
  const count = ownBins ?? 5;
  // As seq(0, 1, length.out) of R spells it: 0.6000000000000001 for three fifths.
  return { by: how, shares: Array.from({ length: count - 1 }, (_, i) => (i + 1) * (1 / count)) };
}

/** How many scores an axis has. */
export function scoreCount(cut: AxisCut): number {
  switch (cut.by) {
    case 'ntile':
      return cut.bins;
    case 'values':
      return cut.cuts.length + 1;
    default:
      return cut.shares.length + 1;
  }
}
