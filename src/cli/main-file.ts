import { fileURLToPath } from 'node:url';

/** The executable: compiled beside this file's folder, or TypeScript in development. */
export function mainFile(): string {
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../main.${suffix}`, import.meta.url));
}
