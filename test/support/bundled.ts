import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../src/build/bundle.ts';

/** A module of this folder as a file that node starts at once; it is gone when the tests of the file are. */
export async function bundled(module: string): Promise<string> {
  // Within the project, so that packages are found.
  const folder = mkdtempSync(join('dist', 'test-'));
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true }));
  await bundle([`test/support/${module}.ts`], 'test/support', folder);
  return join(process.cwd(), folder, `${module}.js`);
}
