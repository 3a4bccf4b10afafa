export type TableColumn = { readonly title: string; readonly align: 'left' | 'right' };

/** Lays rows out in columns two spaces apart. With a width, left-aligned text is shortened to fit. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  const widths = columns.map(({ title }, i) => Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(lengthOf)));
  const excess = width === undefined ? 0 : widths.reduce((sum, each) => sum + each + 2, 0) - width;
  if (excess > 0) shrinkWidest(columns, widths, excess);
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => pad(cells[i] ?? '', widths[i]!, align))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].map((text) => `  ${text}`).join('\n');
}

function shrinkWidest(columns: readonly TableColumn[], widths: number[], excess: number): void {
  const left = columns.map(({ align }, i) => (align === 'left' ? widths[i]! : 0));
  const widest = left.indexOf(Math.max(...left));
  if (widest >= 0) widths[widest] = Math.max(8, widths[widest]! - excess);
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
