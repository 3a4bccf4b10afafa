/** A reference to a secret or setting that stands outside the file. */
export type Reference = { readonly kind: 'env' | 'file'; readonly name: string };

const referencePattern = /\$\{([^}]*)\}/g;

/** The references in a text, in order; a `${…}` of another form is given back as `wrong`. */
export function referencesIn(text: string): { references: Reference[]; wrong: string[] } {
  const references: Reference[] = [];
  const wrong: string[] = [];
  for (const [whole, inner = ''] of text.matchAll(referencePattern)) {
    const reference = parseReference(inner);
    if (reference) references.push(reference);
    else wrong.push(whole);
  }
  return { references, wrong };
}

/** True when the text is one reference and nothing else, as a secret must be. */
export function isOneReference(text: string): boolean {
  return /^\$\{(env|file):[^}]+\}$/.test(text.trim());
}

/** The text with each reference replaced by what `lookUp` finds. */
export function replaceReferences(text: string, lookUp: (reference: Reference) => string): string {
  return text.replaceAll(referencePattern, (whole, inner: string) => {
    const reference = parseReference(inner);
    return reference ? lookUp(reference) : whole;
  });
}

function parseReference(inner: string): Reference | undefined {
  const match = /^(env|file):(.+)$/.exec(inner);
  if (!match?.[2]) return undefined;
  return { kind: match[1] === 'env' ? 'env' : 'file', name: match[2].trim() };
}
