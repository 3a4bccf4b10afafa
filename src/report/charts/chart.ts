import type { EChartsOption } from 'echarts';
import type { Table } from '../table.ts';
import type { ShownSegment } from '../segments.ts';
import type { ChartSpace } from './theme.ts';

/** A chart as a page shows it, whoever draws it. */
export type Chart = {
  readonly id: string;
  readonly title: string;
  /** What the chart shows and how to read it, as text that also stands for it where it can't be seen. */
  readonly description: string;
  /** The segments whose colours and numbers the chart uses without naming them; absent where it names them itself. */
  readonly legend?: readonly Pick<ShownSegment, 'place' | 'name'>[];
  /** The same in numbers. */
  readonly table: Table;
  readonly height: (space: ChartSpace) => number;
  /** Pure: the same night and space give the same option. */
  readonly option: (space: ChartSpace) => EChartsOption;
};

/** The size of the text in every chart, in pixels. */
export const textSize = 13;

/** What all charts have in common. */
export function plainOption({ theme }: ChartSpace): EChartsOption {
  return { animation: false, textStyle: { color: theme.ink, fontSize: textSize, fontFamily: 'sans-serif' } };
}

/** Text as long as fits in about so many pixels, with an ellipsis. */
export function shortened(text: string, width: number): string {
  const letters = [...text];
  const room = Math.floor(width / (textSize * 0.58));
  return letters.length <= room
    ? text
    : `${letters
        .slice(0, Math.max(1, room - 1))
        .join('')
        .trimEnd()}…`;
}

/** An axis that stays in the background. */
export function quietAxis({ theme }: ChartSpace): {
  readonly axisLine: object;
  readonly axisTick: object;
  readonly splitLine: object;
  readonly axisLabel: { readonly color: string; readonly fontSize: number };
  readonly nameTextStyle: object;
} {
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: { color: theme.quiet, fontSize: textSize },
    nameTextStyle: { color: theme.quiet, fontSize: textSize },
  };
}
