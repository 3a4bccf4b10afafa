import type { Matrix } from '../src/analysis/matrix.ts';
import { seededRandom } from '../src/analysis/random.ts';

/** Standardised mixtures of log-normals in the shape of recency, frequency and money, on a log scale. */
export function customers(rowCount: number, columnCount: number): Matrix {
  const random = seededRandom(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
  const values = new Float64Array(new SharedArrayBuffer(rowCount * columnCount * 8));
  for (let row = 0; row < rowCount; row++) {
    const group = Math.min(3, Math.floor(random.float() * 4.5));
    for (let column = 0; column < columnCount; column++) {
      values[row * columnCount + column] = 0.55 * normal() + ((group * (column + 2)) % 5) * 0.6 - 1.2;
    }
  }
  return { rowCount, columnCount, values };
}
