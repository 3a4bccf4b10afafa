import { rmSync } from 'node:fs';
import { bundle, bundleForBrowser } from './bundle.ts';

rmSync('dist', { recursive: true, force: true });
const threads = ['lloyd-worker', 'report-worker'].map((name) => `src/pipeline/threads/${name}.ts`);
await bundle(['src/main.ts', ...threads], 'src', 'dist');
await bundleForBrowser('src/dashboard/browser/charts.ts', 'src', 'dist');
