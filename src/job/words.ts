import { isRecord } from './plain-value.ts';
import type { Path } from './yaml-text.ts';

/**
 * What a file is known to be told in other tools' words. Keys are paths to the word, in which `*`
 * stands for any name or position: `labels.*.title`.
 */
export type Words = {
  /** Another tool's key and the path of ours. */
  readonly otherKeys: Readonly<Record<string, string>>;
  /** Another tool's key that has no single counterpart, and what to do. */
  readonly advice: Readonly<Record<string, string>>;
  /** Another tool's value, wherever it stands, and ours. */
  readonly otherValues: Readonly<Record<string, string>>;
  /** Keys, or values of a key, that are designed but not built. */
  readonly unsupported: readonly string[];
};

/** The entry of a table of `Words` that speaks of this path. */
export function entryFor(table: Readonly<Record<string, string>>, path: Path): string | undefined {
  const pattern = Object.keys(table).find((each) => matches(each, path));
  return pattern === undefined ? undefined : table[pattern];
}

/** True when this key, or this value of a key, is designed but not built. */
export function isUnsupported(words: Words, path: Path): boolean {
  return words.unsupported.some((each) => matches(each, path));
}

function matches(pattern: string, path: Path): boolean {
  const parts = pattern.split('.');
  return parts.length === path.length && parts.every((part, i) => part === '*' || part === String(path[i]));
}

/** A value as a message quotes it; long text is cut, and a list or map is named only. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return isRecord(value) || Array.isArray(value) ? kindOf(value) : String(value);
}

/** What a value is, in the words of a message. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a map';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'string' ? 'text' : 'a number';
}
