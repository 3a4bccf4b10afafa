import type { RfmModel } from '../../../analysis/model.ts';
import { describeScores, scoreNotes } from '../../../analysis/rfm/describe-scores.ts';
import { rfmSettings } from '../../../job/rfm/settings.ts';
import type { RfmSegments } from '../../../job/rfm/schema.ts';
import type { RunContext } from '../../context.ts';
import type { MethodInput, Segmentation } from '../segmentation.ts';
import { takeScores } from './warehouse/take-scores.ts';
import { nameScores, noteNames } from './name-scores.ts';
import {
  findBuyers,
  noteBuyers,
  noteScores,
  reasonForScores,
  scoreCustomers,
  type ScoredCustomers,
  type ScoringInput,
} from './score-customers.ts';

/** Scores recency, frequency and monetary value, and looks the scores up in a table of segments. */
export async function segmentByRfm(
  context: RunContext,
  segments: RfmSegments,
  { separated, model: published, fitted: inWarehouse, stage }: MethodInput,
): Promise<Segmentation> {
  const { job } = context.loaded;
  const settings = rfmSettings(segments);
  // The shape of a model names its method, so that only a model of the job's own method comes here.
  const model = published as RfmModel | undefined;
  const scored =
    inWarehouse?.method === 'rfm'
      ? await stage(
          'segment',
          () => takeScores(separated, job.source.customer_id, inWarehouse),
          (found) => `${noteScores(found)}, in the warehouse`,
        )
      : await scoreHere(context, { segments, settings, separated, model, stage });
  const named = await stage('label', () => nameScores(job, settings, { separated, scored }), noteNames);
  const { fitted, scores, fittedOn, refitted } = scored;
  const axes = describeScores(fitted, scores);
  return {
    ...named,
    exempt: new Set([named.outlierSegment, settings.noPurchase].filter((slug) => slug !== null)),
    clusters: [],
    tree: null,
    quality: null,
    kCurve: null,
    scoring: { axes, empty: emptySegments(named) },
    findings: [],
    notes: scoreNotes(axes),
    scoresOf: scoresByCustomer(scored),
    model: {
      method: 'rfm',
      fittedOn,
      scoring: fitted,
      table: settings.table,
      otherwise: settings.otherwise,
      noPurchase: settings.noPurchase,
    },
    refitted,
    reasonForMove: (before, now) => reasonForScores(fitted, before, now),
  };
}

type ScoreInput = Pick<MethodInput, 'separated' | 'stage'> & Omit<ScoringInput, 'buyers'>;

async function scoreHere(context: RunContext, { separated, stage, ...input }: ScoreInput): Promise<ScoredCustomers> {
  const buyers = await stage('features', () => findBuyers(context, separated, input.settings), noteBuyers);
  return stage('segment', () => scoreCustomers(context, { ...input, buyers }), noteScores);
}

function emptySegments({ segments, segmentOf }: Pick<Segmentation, 'segments' | 'segmentOf'>): string[] {
  const found = new Set(segmentOf);
  return segments.filter((_, i) => !found.has(i)).map(({ segment }) => segment);
}

/** What is published beside the columns: `r`, `f`, `m`, the combined score and the tier; nothing for who has none. */
function scoresByCustomer({ fitted, scores, buyers }: ScoredCustomers): Segmentation['scoresOf'] {
  const { byAxis, combined, tier } = scores;
  const position = new Int32Array(buyers.withoutPurchase.length).fill(-1);
  for (const [i, row] of buyers.rows.entries()) position[row] = i;
  return (row) => {
    const i = position[row]!;
    if (i < 0) return {};
    const axes = Object.entries(byAxis).map(([axis, of]) => [axis.charAt(0), of[i]!] as const);
    const name = tier && fitted.tiers?.names[tier[i]!];
    return { ...Object.fromEntries(axes), score: combined[i]!, ...(name ? { tier: name } : {}) };
  };
}
