import { spawnSync } from 'node:child_process';
import { kmeans } from 'ml-kmeans';
import { fitKmeans, type KmeansFit } from '../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../src/analysis/matrix.ts';
import { seededRandom } from '../src/analysis/random.ts';
import { openStepper } from '../src/pipeline/threads/threaded-stepper.ts';

/** Cases of rows, features; ml-kmeans joins up to this many rows. */
const cases = [
  [4_338, 3],
  [100_000, 3],
  [600_000, 3],
  [600_000, 8],
] as const;
const mlLimit = 100_000;
const k = 4;
const restarts = 10;
const rounds = 3;

/** Standardised mixtures of log-normals in the shape of recency, frequency and money, on a log scale. */
function customers(rowCount: number, columnCount: number): Matrix {
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

async function segtag(matrix: Matrix): Promise<KmeansFit> {
  const { stepper, close } = openStepper(matrix);
  try {
    return await fitKmeans({ matrix, k, seed: 1, restarts, stepper });
  } finally {
    await close();
  }
}

function mlKmeans(matrix: Matrix): void {
  const { columnCount, rowCount, values } = matrix;
  const data = Array.from({ length: rowCount }, (_, i) => [...values.subarray(i * columnCount, (i + 1) * columnCount)]);
  for (let seed = 0; seed < restarts; seed++) kmeans(data, k, { seed });
}

const sklearnScript = `
import sys, time, numpy, sklearn.cluster
d = int(sys.argv[1]); x = numpy.frombuffer(sys.stdin.buffer.read()).reshape(-1, d)
best = None
for _ in range(${rounds}):
    t = time.perf_counter()
    m = sklearn.cluster.KMeans(${k}, n_init=${restarts}, random_state=1, algorithm="lloyd").fit(x)
    best = min(best or 1e9, time.perf_counter() - t)
print(best * 1000, m.inertia_)
`;

function sklearn(matrix: Matrix): { ms: number; inertia: number } | undefined {
  const bytes = new Uint8Array(matrix.values.buffer, 0, matrix.values.byteLength);
  const { status, stdout } = spawnSync('python3', ['-c', sklearnScript, String(matrix.columnCount)], {
    input: bytes,
    encoding: 'utf8',
    maxBuffer: 1e6,
  });
  if (status !== 0) return undefined;
  const [ms = NaN, inertia = NaN] = stdout.trim().split(' ').map(Number);
  return { ms, inertia };
}

async function fastest<Result>(run: () => Promise<Result> | Result): Promise<{ ms: number; result: Result }> {
  let best: { ms: number; result: Result } | undefined;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const result = await run();
    const ms = performance.now() - started;
    if (!best || ms < best.ms) best = { ms, result };
  }
  return best!;
}

const hasSklearn = spawnSync('python3', ['-c', 'import sklearn.cluster']).status === 0;
if (!hasSklearn) console.log('scikit-learn is absent (python3 cannot import it): compared with ml-kmeans only');

for (const [rowCount, columnCount] of cases) {
  const matrix = customers(rowCount, columnCount);
  const ours = await fastest(() => segtag(matrix));
  const warm = await fastest(() =>
    fitKmeans({ matrix, k, seed: 1, restarts, initialCentroids: ours.result.centroids }),
  );
  const parts = [`${rowCount} x ${columnCount}: ${ours.ms.toFixed(0)} ms, warm ${warm.ms.toFixed(0)} ms`];
  if (rowCount <= mlLimit) {
    const theirs = await fastest(() => mlKmeans(matrix));
    parts.push(`${(ours.ms / theirs.ms).toFixed(3)} of ml-kmeans`);
  }
  const peer = hasSklearn ? sklearn(matrix) : undefined;
  if (peer) {
    const inertia = ours.result.inertia / peer.inertia;
    parts.push(`${(ours.ms / peer.ms).toFixed(3)} of scikit-learn, inertia ${inertia.toFixed(6)} of its`);
  }
  console.log(parts.join('; '));
}
