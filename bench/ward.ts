import { cutWard, fitWard } from '../src/analysis/hierarchical/fit.ts';
import { openStepper } from '../src/pipeline/threads/threaded-stepper.ts';
import { customers } from './customers.ts';
import { fastest, hasPython, python } from './python-peer.ts';
import { say } from './say.ts';

/** scipy keeps all distances: it joins up to this many rows. */
const peerLimit = 10_000;
const k = 4;

const script = `
from scipy.cluster.hierarchy import ward, cut_tree
ms, z = fastest(lambda: ward(x))
print(json.dumps(dict(ms=ms, top=z[-3:, 2].tolist(), sizes=sorted(numpy.bincount(cut_tree(z, ${k})[:, 0]).tolist()))))
`;
type Peer = { ms: number; top: number[]; sizes: number[] };

const hasScipy = hasPython('scipy.cluster.hierarchy');
for (const rowCount of [1_000, 4_338, 10_000, 600_000]) {
  const matrix = customers(rowCount, 3);
  const { stepper, close } = openStepper(matrix);
  const ours = await fastest(() => fitWard({ matrix, stepper, seed: 1, mostClusters: k }));
  await close();
  const { sizes } = cutWard(matrix, ours.result, k);
  const parts = [`Ward ${rowCount} x 3${ours.result.exact ? '' : ' on micro-clusters'}: ${ours.ms.toFixed(0)} ms`];
  let ratio: number | undefined;
  if (hasScipy && rowCount <= peerLimit) {
    const peer = python<Peer>(script, matrix);
    const heights = ours.result.tree.heights.subarray(-3);
    const agrees =
      peer.top.every((height, i) => Math.abs(heights[i]! / height - 1) < 1e-9) &&
      peer.sizes.join() === sizes.toSorted((a, b) => a - b).join();
    ratio = ours.ms / peer.ms;
    parts.push(`${ratio.toFixed(3)} of scipy, ${agrees ? 'the same tree' : 'ANOTHER TREE'}`);
    if (!agrees) process.exitCode = 1;
  }
  say(parts.join('; '), { bench: 'ward', rows: rowCount, features: 3, ms: ours.ms, ratio });
}
