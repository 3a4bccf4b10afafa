import type { Label } from '../../job/schema.ts';
import type { FigureOf } from '../cluster-figures.ts';
import { degreeAt } from '../expression/degree.ts';
import type { ClusterProfile } from '../profile.ts';

/** How fast a degree falls with the squared distance in percentiles, as fractions. */
const reach = 0.1;

/** An axis of a prototype: a column, and the percentile that it is to lie at. */
export type Axis = { readonly column: string; readonly target: number };

/** The axes of a label's prototype, in its order; none where it has no prototype. */
export function axesOf({ prototype }: Pick<Label, 'prototype'>): Axis[] {
  return Object.entries(prototype ?? {}).map(([column, target]) => ({ column, target }));
}

/** How well a place at these percentiles (0..100) fits a prototype: `exp(-d² / 0.1)`, d² summed over its axes. */
export function prototypeDegree<Of extends Pick<Axis, 'target'>>(
  axes: readonly Of[],
  pctOf: (axis: Of) => number,
): number {
  let square = 0;
  for (const axis of axes) square += ((pctOf(axis) - axis.target) / 100) ** 2;
  return Math.exp(-square / reach);
}

/** How well a cluster fits a label: its prototype's degree times that of its `when`; what is not written counts 1. */
export function clusterDegree(profile: ClusterProfile, label: Label, figureOf: FigureOf): number {
  const rule = label.when === undefined || label.when === 'outlier' ? null : label.when;
  const ruled = rule === null ? 1 : degreeAt(rule, (operand) => figureOf(profile.cluster, operand));
  return ruled * prototypeDegree(axesOf(label), ({ column }) => pctOf(profile, column, label));
}

function pctOf({ features }: ClusterProfile, column: string, { segment }: Label): number {
  const feature = features.find((candidate) => candidate.column === column);
  if (!feature) throw new Error(`the profile has no column "${column}", which label ${segment} refers to`);
  return feature.pct;
}
