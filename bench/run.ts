import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundle } from '../src/build/bundle.ts';

// Runs a benchmark as the product runs: bundled, so that threads start at once and no TypeScript is read on the way.
// Run: npm run bench NAME [arguments]

const [name = '', ...args] = process.argv.slice(2);
const source = join('bench', `${name}.ts`);
if (!existsSync(source)) {
  const names = readdirSync('bench').map((file) => basename(file, '.ts'));
  console.error(`No benchmark "${name}". There are: ${names.filter((each) => each !== 'run').join(', ')}.`);
  process.exit(2);
}
const folder = join('dist', 'bench');
await bundle([source], 'bench', folder);
await bundle(['src/pipeline/threads/lloyd-worker.ts'], 'src', folder);
process.exitCode = spawnSync(process.execPath, [join(folder, `${name}.js`), ...args], { stdio: 'inherit' }).status ?? 1;
