import { kmeans } from 'ml-kmeans';
import { fitKmeans, type KmeansFit } from '../src/analysis/kmeans/fit.ts';
import type { Matrix } from '../src/analysis/matrix.ts';
import { openStepper } from '../src/pipeline/threads/threaded-stepper.ts';
import { customers } from './customers.ts';
import { fastest, hasPython, python } from './python-peer.ts';
import { say } from './say.ts';

/** Cases of rows, features: the fastest of three runs each, or with `--large` one run each on ten million rows. */
const isLarge = process.argv.includes('--large');
const cases = isLarge
  ? ([
      [10_000_000, 3],
      [10_000_000, 8],
    ] as const)
  : ([
      [4_338, 3],
      [100_000, 3],
      [600_000, 3],
      [600_000, 8],
      [2_400_000, 8],
    ] as const);
const rounds = isLarge ? 1 : 3;
/** ml-kmeans joins up to this many rows. */
const mlLimit = 100_000;
const k = 4;
const restarts = 10;

async function segtag(matrix: Matrix, initialCentroids?: Float64Array): Promise<KmeansFit> {
  const { stepper, close } = openStepper(matrix);
  try {
    return await fitKmeans({
      matrix,
      k,
      seed: 1,
      restarts,
      stepper,
      ...(initialCentroids ? { initialCentroids } : {}),
    });
  } finally {
    await close();
  }
}

function mlKmeans(matrix: Matrix): void {
  const { columnCount, rowCount, values } = matrix;
  const data = Array.from({ length: rowCount }, (_, i) => [...values.subarray(i * columnCount, (i + 1) * columnCount)]);
  for (let seed = 0; seed < restarts; seed++) kmeans(data, k, { seed });
}

/** Ten starts of its own, as is its default; then one from the same centroids as ours, to the end. */
const sklearnScript = `
from sklearn.cluster import KMeans
ms, m = fastest(lambda: KMeans(${k}, n_init=${restarts}, random_state=1, algorithm="lloyd").fit(x), ${rounds})
start = rest.reshape(${k}, d)
same_ms, s = fastest(lambda: KMeans(${k}, n_init=1, init=start, tol=0, algorithm="lloyd").fit(x), ${rounds})
print(json.dumps(dict(ms=ms, inertia=m.inertia_, sameMs=same_ms, sameInertia=s.inertia_, sizes=sorted(numpy.bincount(s.labels_).tolist()))))
`;
type Peer = { ms: number; inertia: number; sameMs: number; sameInertia: number; sizes: number[] };

const hasSklearn = hasPython('sklearn.cluster');
for (const [rowCount, columnCount] of cases) {
  const matrix = customers(rowCount, columnCount);
  const start = matrix.values.slice(0, k * columnCount);
  const ours = await fastest(() => segtag(matrix), rounds);
  const warm = await fastest(() => segtag(matrix, ours.result.centroids), rounds);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const figures = {
    bench: 'kmeans',
    rows: rowCount,
    features: columnCount,
    ms: ours.ms,
    warm_ms: warm.ms,
    peak_mb: peakMb,
  };
  const ratios: Record<string, number> = {};
  const parts = [`k-means ${rowCount} x ${columnCount}: ${ours.ms.toFixed(0)} ms, warm ${warm.ms.toFixed(0)} ms`];
  if (isLarge) parts.push(`${peakMb.toFixed(0)} MB at most, rows included`);
  if (rowCount <= mlLimit) {
    const theirs = await fastest(() => mlKmeans(matrix));
    ratios.of_ml_kmeans = ours.ms / theirs.ms;
    parts.push(`${ratios.of_ml_kmeans.toFixed(3)} of ml-kmeans`);
  }
  if (hasSklearn) {
    const same = await fastest(() => segtag(matrix, start), rounds);
    const peer = python<Peer>(sklearnScript, matrix, start);
    const sizes = same.result.sizes.toSorted((a, b) => a - b);
    const agrees = Math.abs(same.result.inertia / peer.sameInertia - 1) < 1e-9 && sizes.join() === peer.sizes.join();
    const ofPeer = ours.ms / peer.ms;
    const inertia = ours.result.inertia / peer.inertia;
    const fromSame = same.ms / peer.sameMs;
    Object.assign(ratios, { of_sklearn: ofPeer, inertia_of_sklearn: inertia, of_sklearn_from_same_start: fromSame });
    parts.push(
      `${ofPeer.toFixed(3)} of scikit-learn, inertia ${inertia.toFixed(6)} of its`,
      `from the same start ${fromSame.toFixed(3)}, ${agrees ? 'the same clusters' : 'OTHER CLUSTERS'}`,
    );
    if (!agrees) process.exitCode = 1;
  }
  say(parts.join('; '), { ...figures, ...ratios });
}
