/** A numeric column as the analysis sees it: one value per customer, a null holds NaN. */
export type NumericColumn = { readonly name: string; readonly values: Float64Array };

/** Scaled features, row-major: row `i` is `values.subarray(i * columnCount, (i + 1) * columnCount)`. */
export type Matrix = { readonly rowCount: number; readonly columnCount: number; readonly values: Float64Array };

/** The given rows of `matrix`, in their order, in memory of their own. */
export function takeMatrixRows(matrix: Matrix, rows: Uint32Array): Matrix {
  const { columnCount } = matrix;
  const values = new Float64Array(rows.length * columnCount);
  for (let to = 0; to < rows.length; to++) {
    const from = rows[to]!;
    for (let column = 0; column < columnCount; column++)
      values[to * columnCount + column] = matrix.values[from * columnCount + column]!;
  }
  return { rowCount: rows.length, columnCount, values };
}

/** The column of that name. The job's own checks have promised it, so a miss is a bug and throws a plain Error. */
export function columnNamed(columns: readonly NumericColumn[], name: string): NumericColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (!column) throw new Error(`no numeric column "${name}"`);
  return column;
}
