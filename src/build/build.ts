import { rmSync } from 'node:fs';
import { bundle, bundleForBrowser } from './bundle.ts';

rmSync('dist', { recursive: true, force: true });
await bundle(['src/main.ts', 'src/pipeline/threads/lloyd-worker.ts'], 'src', 'dist');
await bundleForBrowser('src/dashboard/browser/charts.ts', 'src', 'dist');
