/** The colours of a chart: any CSS colours, so a page may hand in its variables and change them with the mode. */
export type ChartTheme = {
  readonly ink: string;
  /** Text beside the data. */
  readonly quiet: string;
  /** Lines behind the data. */
  readonly line: string;
  readonly surface: string;
  /** Marks that belong to no segment. */
  readonly accent: string;
  /** The accent as a background for text: from 0, nearly none, to 1. */
  readonly tint: (strength: number) => string;
  /** The colour of a segment, the same in every chart: by its place in the job. */
  readonly segment: (place: number) => string;
};

/** Where a chart is drawn. */
export type ChartSpace = {
  readonly theme: ChartTheme;
  /** In pixels. A narrow chart is drawn for a phone, not shrunk to one: its text stays readable. */
  readonly width: number;
  readonly isNarrow: boolean;
};

/** How many colours there are before they begin again. */
const segmentColours = 12;

/** The theme whose colours are the CSS variables of the report's page. */
export const pageTheme: ChartTheme = {
  ink: 'var(--ink)',
  quiet: 'var(--quiet)',
  line: 'var(--line)',
  surface: 'var(--surface)',
  accent: 'var(--accent)',
  tint: (strength) => `color-mix(in srgb, var(--accent) ${Math.round(4 + 42 * strength)}%, var(--surface))`,
  segment: (place) => `var(--s${place % segmentColours})`,
};
