import { withoutValues } from '../../../analysis/decide/reason.ts';
import { firstMatch } from '../../../analysis/rules/first-match.ts';
import type { RulesSegments } from '../../../job/rules/schema.ts';
import type { RunContext } from '../../context.ts';
import { missingMandatory, outlierLabel, segmentTexts } from '../named-segments.ts';
import type { MethodInput, Segmentation } from '../segmentation.ts';

/** Gives each customer the segment of the first rule that it satisfies. */
export async function segmentByRules(
  context: RunContext,
  { method, rules, otherwise }: RulesSegments,
  { separated, fitted, stage }: MethodInput,
): Promise<Segmentation> {
  const { job } = context.loaded;
  const { customers, isOutlier } = separated;
  const match = (): Int32Array =>
    (fitted && customers.foundOf) ?? firstMatch(customers.columns, rules, customers.rowCount);
  const where = fitted ? ', in the warehouse' : '';
  const matched = await stage('segment', match, (found) => `${noteMatches(found, rules.length)}${where}`);
  const outlierSegment = (job.outliers?.action === 'tag' ? outlierLabel(job) : undefined) ?? null;
  const slugs = [
    ...rules.map(({ segment }) => segment),
    otherwise,
    ...(outlierSegment === null ? [] : [outlierSegment]),
  ];
  const segments = segmentTexts(job, slugs);
  const indexOf = (slug: string | null): number => segments.findIndex(({ segment }) => segment === slug);
  const ofRule = rules.map(({ segment }) => indexOf(segment));
  const [ofOutliers, ofOthers] = [indexOf(outlierSegment), indexOf(otherwise)];
  const segmentOf = matched.map((rule, row) => (isOutlier[row] === 1 ? ofOutliers : (ofRule[rule] ?? ofOthers)));
  return {
    segments,
    segmentOf,
    exempt: new Set(outlierSegment === null ? [] : [outlierSegment]),
    outlierSegment,
    explanations: new Map([[otherwise, 'Customers that no rule takes.']]),
    problems: missingMandatory(job, segments, segmentOf),
    clusters: [],
    tree: null,
    quality: null,
    kCurve: null,
    scoring: null,
    findings: [],
    notes: [],
    scoresOf: () => ({}),
    model: { method, rules, otherwise },
    refitted: true,
    reasonForMove: () => withoutValues('another rule is now the first that holds'),
  };
}

function noteMatches(matched: Int32Array, rules: number): string {
  const taken = matched.reduce((sum, rule) => sum + (rule >= 0 ? 1 : 0), 0);
  return `${rules} rules take ${taken.toLocaleString('en-US')} of ${matched.length.toLocaleString('en-US')} customers`;
}
