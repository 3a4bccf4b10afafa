import { readFileSync, writeFileSync } from 'node:fs';

// Keeps the compiled kernel of k-means as text in a module, so that it goes wherever the code goes.

const text = readFileSync('dist/kernel.wasm').toString('base64');
writeFileSync(
  'src/analysis/kmeans/kernel/bytes.ts',
  `/** \`assembly/\`, compiled by \`npm run kernel\`. */\nexport const kernelBytes =\n  '${text}';\n`,
);
