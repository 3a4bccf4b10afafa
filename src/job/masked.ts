/**
 * The text of a file whose lines may be shown in messages: what follows the key of a secret is masked
 * unless it is a reference, and so are the names and passwords of addresses.
 */
export function withoutSecrets(text: string): string {
  const key = /((?:pass\w*|pwd|secret|token|credentials?|webhook)["']?[ \t]*:\s+)/;
  const oneReference = /["']?\$\{[^}\n]*\}["']?[ \t]*(?:[,}\]#]|$)/;
  const secrets = new RegExp(`${key.source}(?!${oneReference.source})\\S.*`, 'gim');
  return text.replaceAll(secrets, '$1***').replaceAll(/:\/\/\S*@/g, '://***@');
}
