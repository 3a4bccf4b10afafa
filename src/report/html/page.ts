import { createHash } from 'node:crypto';
import { markup, trusted, type Html } from './html.ts';
import { style } from './style.ts';

export type Page = { readonly title: string; readonly header: Html; readonly main: Html; readonly footer: Html };

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A page that asks nobody for anything: one file, no script, and a policy that lets none in. */
export function pageText({ title, header, main, footer }: Page): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header>${header}</header>
<main>${main}</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}
