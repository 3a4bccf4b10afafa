/**
 * The text of a file whose lines may be shown in messages: what follows the key of a secret is masked
 * unless it is a reference, and so are the names and passwords of addresses.
 */
export function withoutSecrets(text: string): string {
  const secrets = /((?:pass\w*|pwd|secret|token|credentials?|webhook)["']?[ \t]*:\s+)(?!["']?\$\{)\S.*/gi;
  return text.replaceAll(secrets, '$1***').replaceAll(/:\/\/\S*@/g, '://***@');
}
