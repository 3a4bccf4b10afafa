// What `npm start` and `npm test` need before they can work: packages installed and dist/ built,
// each only when missing or out of date. Plain JavaScript, because nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`segtag needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(2);
}

const installed = timeOf('node_modules/.package-lock.json');
if (installed < timeOf('package-lock.json')) step('Installing packages', ['ci', '--no-audit', '--no-fund']);
const sources = readdirSync(join(root, 'src'), { recursive: true }).map((file) => timeOf(join('src', String(file))));
if (timeOf('dist/main.js') < Math.max(...sources)) step('Building', ['run', 'build']);

function timeOf(path) {
  const file = join(root, path);
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** Runs npm quietly; its output is shown only when it fails. */
function step(title, args) {
  process.stderr.write(`${title} (once) …\n`);
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, npm, ...args] : ['npm', ...args];
  const result = spawnSync(command[0], command.slice(1), { cwd: root, encoding: 'utf8' });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
  process.stderr.write(`${title} failed; see above.\n`);
  process.exit(1);
}
