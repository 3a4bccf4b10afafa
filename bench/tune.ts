import { weighK } from '../src/analysis/choosing-k/choose-k.ts';
import { clusterByKmeans } from '../src/analysis/choosing-k/cluster-sample.ts';
import { compareFits } from '../src/analysis/kmeans/compare-fits.ts';
import { separationOf } from '../src/analysis/separation.ts';
import { openStepper } from '../src/pipeline/threads/threaded-stepper.ts';
import { customers } from './customers.ts';
import { hasPython, python } from './python-peer.ts';
import { say } from './say.ts';

const ks = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const restarts = 10;

const script = `
from sklearn.cluster import KMeans
ms, _ = fastest(lambda: [KMeans(k, n_init=${restarts}, random_state=1, algorithm="lloyd").fit(x) for k in range(2, 13)], 1)
print(json.dumps(ms))
`;

const hasSklearn = hasPython('sklearn.cluster');
/** Numbers of rows: those given, or all. */
const given = process.argv.slice(2).map(Number);
for (const rowCount of given.length > 0 ? given : [4_338, 100_000, 600_000]) {
  const matrix = customers(rowCount, 3);
  const { stepper, close } = openStepper(matrix);
  let started = performance.now();
  const fit = compareFits({ matrix, stepper, seed: 1, restarts });
  for (const k of ks) separationOf(matrix, (await fit(k)).labels, k);
  const fits = performance.now() - started;
  started = performance.now();
  await weighK({
    matrix,
    ks,
    seed: 1,
    fit: compareFits({ matrix, stepper, seed: 1, restarts }),
    clusterSample: clusterByKmeans,
  });
  const all = performance.now() - started;
  await close();
  const figures = { bench: 'tune', rows: rowCount, features: 3, fits_ms: fits, all_ms: all };
  const parts = [`tune ${rowCount} x 3, k = 2 to 12: fits and indices ${fits.toFixed(0)} ms, all ${all.toFixed(0)} ms`];
  const theirs = hasSklearn ? python<number>(script, matrix) : undefined;
  if (theirs !== undefined)
    parts.push(`${(fits / theirs).toFixed(3)} and ${(all / theirs).toFixed(3)} of scikit-learn's fits alone`);
  const ratios = theirs === undefined ? {} : { fits_ratio: fits / theirs, all_ratio: all / theirs };
  say(parts.join('; '), { ...figures, ...ratios });
}
