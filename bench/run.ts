import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundle } from '../src/build/bundle.ts';

// Runs a benchmark as the product runs: bundled, so that threads start at once and no TypeScript is read on the way.
// `--json` prints a JSON object a line.
// Run: npm run bench NAME -- [--json] [arguments]

const [name = '', ...all] = process.argv.slice(2);
const args = all.filter((argument) => argument !== '--json');
const env = { ...process.env, ...(args.length < all.length ? { SEGTAG_BENCH_JSON: '1' } : {}) };
const source = join('bench', `${name}.ts`);
if (!existsSync(source)) {
  const names = readdirSync('bench').map((file) => basename(file, '.ts'));
  const parts = ['run', 'say', 'customers', 'python-peer'];
  console.error(`No benchmark "${name}". There are: ${names.filter((each) => !parts.includes(each)).join(', ')}.`);
  process.exit(2);
}
const folder = join('dist', 'bench');
await bundle([source], 'bench', folder);
await bundle(['src/pipeline/threads/lloyd-worker.ts'], 'src', folder);
process.exitCode =
  spawnSync(process.execPath, [join(folder, `${name}.js`), ...args], { stdio: 'inherit', env }).status ?? 1;
