export type TableColumn = {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Somebody copies it, so it is never shortened. */
  readonly isWhole?: boolean;
  /** It is left out where not all columns have room. */
  readonly isSpare?: boolean;
};

/**
 * Lays rows out in columns two spaces apart. Where that is wider than `width`, titles are broken between their words,
 * then spare columns are left out, the last first, then left-aligned text is shortened, the longest first, and then
 * columns that still have no room stand below, behind the first one.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const cellWidths = columns.map((_, i) => Math.max(0, ...rows.map((row) => lengthOf(row[i] ?? ''))));
  const widths = columns.map(({ title }, i) => Math.max(lengthOf(title), cellWidths[i]!));
  const isTooWide = excess(widths, width) > 0;
  if (isTooWide)
    for (const [i, { title }] of columns.entries())
      widths[i] = Math.max(cellWidths[i]!, ...title.split(' ').map(lengthOf));
  const spare = columns.findLastIndex(({ isSpare }) => isSpare);
  if (excess(widths, width) > 0 && spare >= 0)
    return formatTable(
      columns.toSpliced(spare, 1),
      rows.map((row) => row.toSpliced(spare, 1)),
      width,
    );
  shorten(columns, widths, width);
  const room = columnsWithin(widths, width);
  if (room < columns.length) return inTwo(room, columns, rows, width);
  const titles = columns.map(({ title }, i) => (isTooWide ? brokenTo(title, widths[i]!) : [title]));
  const height = Math.max(...titles.map((lines) => lines.length));
  const heads = Array.from({ length: height }, (_, y) => titles.map((lines) => lines[y - height + lines.length] ?? ''));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => pad(cells[i] ?? '', widths[i]!, align))
      .join('  ')
      .trimEnd();
  return [...heads, ...rows].map((cells) => `  ${line(cells)}`).join('\n');
}

const leastWidth = 8;

/** By how much columns of these widths, two spaces before each, are wider than the terminal. */
function excess(widths: readonly number[], width: number): number {
  return widths.reduce((sum, each) => sum + each + 2, 0) - width;
}

/** How many columns fit beside each other; two at least, however narrow the terminal. */
function columnsWithin(widths: readonly number[], width: number): number {
  const fitting = widths.findIndex((_, i) => excess(widths.slice(0, i + 1), width) > 0);
  return fitting < 0 ? widths.length : Math.max(2, fitting);
}

/** The columns that fit, and the others below them, each behind the first. */
function inTwo(
  room: number,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const [upper, lower] = [
    (_: unknown, i: number): boolean => i < room,
    (_: unknown, i: number): boolean => i === 0 || i >= room,
  ];
  return [upper, lower]
    .map((isIn) =>
      formatTable(
        columns.filter(isIn),
        rows.map((row) => columns.map((_, i) => row[i] ?? '').filter(isIn)),
        width,
      ),
    )
    .join('\n\n');
}

function shorten(columns: readonly TableColumn[], widths: number[], width: number): void {
  for (let over = excess(widths, width); over > 0; over--) {
    const left = columns.map(({ align, isWhole }, i) => (align === 'left' && !isWhole ? widths[i]! : 0));
    const widest = left.indexOf(Math.max(...left));
    if (left[widest]! <= leastWidth) return;
    widths[widest] = widths[widest]! - 1;
  }
}

/** Words in lines of at most this length; a longer word has a line of its own. */
function brokenTo(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(`${last} ${word}`) <= length) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pad(text: string, width: number, align: TableColumn['align']): string {
  const length = lengthOf(text);
  if (length > width) return `${[...text].slice(0, width - 1).join('')}…`;
  const space = ' '.repeat(width - length);
  return align === 'left' ? text + space : space + text;
}

function lengthOf(text: string): number {
  return [...text].length;
}
