import { fileURLToPath } from 'node:url';

const uncompiled = import.meta.url.endsWith('.ts');

/** A file that comes with the product, such as `jobs/rfm.yaml`. Source and bundle lie one folder below its root. */
export function installedFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/** A module that is run by itself, named as under `src/`: TypeScript in development, its bundle otherwise. */
export function programFile(module: string): string {
  return fileURLToPath(new URL(`${module}.${uncompiled ? 'ts' : 'js'}`, import.meta.url));
}

/** What `node` needs before such a module's name. */
export const programOptions: readonly string[] = uncompiled ? ['--import', 'tsx'] : [];
