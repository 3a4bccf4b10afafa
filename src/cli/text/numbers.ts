/** A whole number with thousands separators. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A share of 0..1 as a percentage with one digit. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** A number for reading: whole from 100 on, with two digits below. */
export function formatValue(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 });
}

/** `310ms`, `4.2s`. */
export function formatElapsed(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
}
