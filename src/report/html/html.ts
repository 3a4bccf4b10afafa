/** Markup that is safe to write as it is. */
export type Html = { readonly text: string };

type Part = Html | string | number | null | undefined | readonly Part[];

/** Markup with every value escaped that is not markup itself; lists are joined, null and undefined are nothing, the template's indents go. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const texts = strings.map((text) => text.replaceAll(/\n\s+/g, '\n'));
  return { text: texts.map((text, i) => (i === 0 ? text : markupOf(parts[i - 1]) + text)).join('') };
}

/** Markup that somebody else has made safe. */
export function trusted(text: string): Html {
  return { text };
}

function markupOf(part: Part): string {
  if (part === null || part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return isList(part) ? part.map(markupOf).join('') : part.text;
}

function isList(part: Part): part is readonly Part[] {
  return Array.isArray(part);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that may stand in markup, between tags and in attributes. */
export function escapeText(text: string): string {
  // Control characters other than white space are no HTML at all.
  return text
    .replaceAll(/\p{Cc}/gu, (sign) => (/\s/.test(sign) ? sign : '\uFFFD'))
    .replaceAll(/[&<>"']/g, (sign) => entities[sign]!);
}
