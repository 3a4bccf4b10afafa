/** What JSON can say of a number: NaN and infinities, which stand for "there is none", become null. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
