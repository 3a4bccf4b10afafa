import { markup, type Html } from '../../report/html/html.ts';
import type { Place } from '../place.ts';

type Chapter = 'overview' | 'runs' | 'customers';

export type PageParts = {
  readonly title: string;
  /** Above the title: where we are. */
  readonly eyebrow?: string;
  readonly chapter?: Chapter;
  readonly main: Html;
  /** Whether the page has places for charts. */
  readonly hasCharts?: boolean;
};

const chapters: readonly (readonly [Chapter, string, string])[] = [
  ['overview', '/', 'Overview'],
  ['runs', '/runs', 'Runs'],
  ['customers', '/customers', 'Customers'],
];

/** A page of the dashboard. */
export function dashboardPage(
  { target, readOnly }: Place,
  { title, eyebrow, chapter, main, hasCharts = false }: PageParts,
): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · segtag</title>
<link rel="stylesheet" href="/assets/dashboard.css">
<script src="/assets/live.js" defer></script>
${hasCharts ? markup`<script src="/assets/charts.js" defer></script>` : null}
</head>
<body>
<div class="bar" role="banner">
<a class="brand" href="/">segtag</a>
<nav aria-label="Chapters">
<ul>
${chapters.map(([name, href, text]) => markup`<li><a href="${href}"${name === chapter ? markup` aria-current="page"` : null}>${text}</a></li>`)}
</ul>
</nav>
<p class="target">target ${target}${readOnly ? ' · read only' : ''}</p>
</div>
<main>
<header>
${eyebrow === undefined ? null : markup`<p class="eyebrow">${eyebrow}</p>`}
<h1>${title}</h1>
</header>
${main}</main>
</body>
</html>
`.text;
}
