import { build } from 'esbuild';

/** Bundles the module of a page with what it needs, for browsers of the last years. */
export async function bundleForBrowser(module: string, from: string, to: string): Promise<void> {
  await build({
    entryPoints: [module],
    outbase: from,
    outdir: to,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/**
 * Bundles modules, which lie under the folder `from`, into the folder `to`, packages included, so that a process loads
 * a dozen files instead of a thousand. Types are not looked at.
 */
export async function bundle(modules: readonly string[], from: string, to: string): Promise<void> {
  await build({
    entryPoints: [...modules],
    outbase: from,
    outdir: to,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // src/installation.ts counts on chunks to lie in no folder of their own.
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    // What the CommonJS packages in the bundle load of Node itself.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    external: [
      // Machine code, and a driver whose insides are mended as it loads.
      '@duckdb/node-bindings*',
      'libsql',
      'vertica-nodejs',
      // Knex loads a driver when it is used; within the bundle each would be read every time.
      'better-sqlite3',
      'mariadb',
      'mysql',
      'mysql2',
      'oracledb',
      'pg',
      'pg-query-stream',
      'sqlite3',
      'tedious',
    ],
  });
}
