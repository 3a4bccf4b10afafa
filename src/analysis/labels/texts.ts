import type { Label } from '../../job/schema.ts';
import { atomsOf, type ProfileOperand } from '../../job/expression/expression.ts';
import type { FigureOf } from '../cluster-figures.ts';
import { operandText } from '../expression/operand-text.ts';
import type { ClusterProfile, FeatureProfile } from '../profile.ts';

type Naming = {
  readonly segment: string | null;
  readonly degree: number;
  readonly second: { readonly segment: string; readonly degree: number } | null;
  /** The label given, or else the nearest. */
  readonly nearest: Label | undefined;
  readonly minDegree: number;
  readonly figureOf: FigureOf;
};

/** Why a cluster has its name, or none: the medians on the label's axes, its figures in the condition, and the degrees. */
export function explain(profile: ClusterProfile, naming: Naming): string {
  const { segment, degree, second, nearest, minDegree } = naming;
  const place = placeOf(profile, naming);
  if (segment === null) {
    const reason =
      nearest === undefined
        ? 'the job has no label for clusters'
        : degree < minDegree
          ? `the nearest label, ${nearest.segment}, has degree ${degreeText(degree)}, below ${degreeText(minDegree)}`
          : `the nearest label, ${nearest.segment}, went to another cluster`;
    return `${place}; ${reason}.`;
  }
  const next = second === null ? '' : `, next ${second.segment} with ${degreeText(second.degree)}`;
  return `${place}; ${segment} with degree ${degreeText(degree)}${next}.`;
}

/** What a person reads when a cluster matches no label. */
export function unmatchedMessage(profile: ClusterProfile, explanation: string): string {
  const share = numberText(100 * profile.share);
  return `A cluster of ${profile.n} customers (${share} %) matches no label: ${explanation}`;
}

/** What a person reads when a cluster fits two labels almost equally. */
export function ambiguousMessage(profile: ClusterProfile, explanation: string): string {
  return `A cluster of ${profile.n} customers could as well have another name: ${explanation}`;
}

function placeOf(profile: ClusterProfile, { nearest, figureOf }: Naming): string {
  const axes = Object.keys(nearest?.prototype ?? {});
  const rule = nearest?.when === 'outlier' ? undefined : nearest?.when;
  const everything = axes.length === 0 && rule === undefined;
  const shown = everything ? profile.features : profile.features.filter(({ column }) => axes.includes(column));
  const figures = rule === undefined ? [] : atomsOf(rule).map(({ operand }) => figureText(operand, profile, figureOf));
  return [...shown.map(featureText), ...new Set(figures)].join('; ');
}

function figureText(operand: ProfileOperand, { cluster }: ClusterProfile, figureOf: FigureOf): string {
  const figure = figureOf(cluster, operand);
  return `${operandText(operand)} ${Number.isNaN(figure) ? '–' : numberText(figure)}`;
}

function featureText({ column, median, pct }: FeatureProfile): string {
  return `median ${column} ${numberText(median)}, percentile ${Math.round(pct)} of all customers`;
}

/** Whole from 1,000 on, else four significant digits. */
function numberText(value: number): string {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4)));
}

function degreeText(degree: number): string {
  return degree.toFixed(2);
}
