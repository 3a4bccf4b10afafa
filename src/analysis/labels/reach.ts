import type { Label } from '../../job/schema.ts';
import { atomsOf, type ProfileOperand, type ProfilePredicate } from '../../job/expression/expression.ts';
import { degreeWithin, type Interval } from '../expression/degree.ts';
import { axesOf, prototypeDegree } from './degrees.ts';

/** Halvings of the percentile cube; what is undecided then counts as within reach. */
const maxBoxes = 4096;

export type Reach = {
  readonly label: Pick<Label, 'prototype' | 'when'>;
  /** Where each figure but percentiles can lie. */
  readonly rangeOf: (operand: ProfileOperand) => Interval;
  readonly minDegree: number;
};

/**
 * Whether any cluster at all can fit a label to `minDegree`: looks for a point of the percentile cube
 * by halving boxes whose upper bound, by interval arithmetic, still reaches it.
 */
export function isWithinReach({ label, rangeOf, minDegree }: Reach): boolean {
  const rule = label.when === undefined || label.when === 'outlier' ? null : label.when;
  const prototype = axesOf(label);
  const axes = [...new Set([...prototype.map(({ column }) => column), ...percentileColumns(rule)])];
  const highest = (box: readonly Interval[]): number => {
    const within = (column: string): Interval => box[axes.indexOf(column)]!;
    const nearest = prototypeDegree(prototype, ({ column, target }) => {
      const { low, high } = within(column);
      return Math.min(Math.max(target, low), high);
    });
    if (rule === null) return nearest;
    const figureOf = (operand: ProfileOperand): Interval =>
      operand.kind === 'statistic' && operand.statistic === 'pct' ? within(operand.column) : rangeOf(operand);
    return nearest * (degreeWithin(rule, figureOf)?.high ?? 0);
  };
  const boxes: Interval[][] = [axes.map(() => ({ low: 0, high: 100 }))];
  for (let looked = 0; boxes.length > 0; looked++) {
    if (looked === maxBoxes) return true;
    const box = boxes.pop()!;
    if (highest(box) < minDegree) continue;
    const middle = box.map(({ low, high }) => ({ low: (low + high) / 2, high: (low + high) / 2 }));
    if (axes.length === 0 || highest(middle) >= minDegree) return true;
    boxes.push(...halves(box));
  }
  return false;
}

function percentileColumns(rule: ProfilePredicate | null): string[] {
  const operands = rule === null ? [] : atomsOf(rule).map(({ operand }) => operand);
  return operands.flatMap((operand) =>
    operand.kind === 'statistic' && operand.statistic === 'pct' ? [operand.column] : [],
  );
}

function halves(box: readonly Interval[]): Interval[][] {
  const widths = box.map(({ low, high }) => high - low);
  const axis = widths.indexOf(Math.max(...widths));
  const { low, high } = box[axis]!;
  const middle = (low + high) / 2;
  return [
    box.map((side, i) => (i === axis ? { low, high: middle } : side)),
    box.map((side, i) => (i === axis ? { low: middle, high } : side)),
  ];
}
