/** Squared Euclidean distance, in a plain loop; two columns are added before they are added to the rest. */
export function squareBetween(point: ArrayLike<number>, other: ArrayLike<number>): number {
  const squareOf = (column: number): number => (point[column]! - other[column]!) ** 2;
  let square = 0;
  for (let column = 0; column < point.length; column += 2)
    square += column + 1 < point.length ? squareOf(column) + squareOf(column + 1) : squareOf(column);
  return square;
}
