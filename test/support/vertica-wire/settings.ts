import type { Token } from './lexer.ts';
import { syntaxError, WireError } from './wire-error.ts';

export type Settings = {
  autocommit: boolean;
  isolation: 'READ COMMITTED' | 'SERIALIZABLE';
  readOnly: boolean;
  /** 0 is no limit. */
  runtimeCapMs: number;
  searchPath: readonly string[];
};

/** What a SET statement changes; settings that make no difference here change nothing, unknown ones are errors. */
export function readSetting(words: readonly Token[]): Partial<Settings> {
  const text = words.map((word) => (word.kind === 'string' ? word.text : word.text.toUpperCase())).join(' ');
  if (/^SET SEARCH_PATH (TO|=) /.test(text)) return { searchPath: words.slice(3).filter(isName).map(nameOf) };
  const match = settings.find(([pattern]) => pattern.test(text));
  if (!match) throw syntaxError(words[1]?.text ?? 'SET', (words[1]?.start ?? 0) + 1);
  return match[1](match[0].exec(text) ?? []);
}

function isName({ kind }: Token): boolean {
  return kind === 'word' || kind === 'quoted';
}

function nameOf({ kind, text }: Token): string {
  return kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text;
}

const settings: readonly (readonly [RegExp, (match: readonly string[]) => Partial<Settings>])[] = [
  [/^SET SESSION AUTOCOMMIT TO (ON|OFF)$/, ([, value]) => ({ autocommit: value === 'ON' })],
  [/^SET SESSION RUNTIMECAP (.+)$/, ([, value = '']) => ({ runtimeCapMs: milliseconds(value) })],
  [/^SET SESSION CHARACTERISTICS AS TRANSACTION (.+)$/, ([, value = '']) => characteristics(value)],
  [/^SET (TIME ZONE|DATESTYLE|LOCALE|INTERVALSTYLE|STANDARD_CONFORMING_STRINGS) .+$/, () => ({})],
  [/^SET SESSION (IDLESESSIONTIMEOUT|MEMORYCAP|TEMPSPACECAP|RESOURCE_POOL) .+$/, () => ({})],
];

/** What stands behind BEGIN or START TRANSACTION. */
export function readTransactionMode(words: readonly Token[]): Partial<Settings> {
  const text = words.map((word) => word.text.toUpperCase()).join(' ');
  const modes = text.replace(/^(BEGIN|START)( WORK| TRANSACTION)?/, '').trim();
  return modes === '' ? {} : characteristics(modes.replace(/ (READ (?:ONLY|WRITE))$/, ', $1'));
}

function characteristics(text: string): Partial<Settings> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return Object.assign({}, ...parts.map(characteristic)) as Partial<Settings>;
}

function characteristic(text: string): Partial<Settings> {
  if (/^READ (ONLY|WRITE)$/.test(text)) return { readOnly: text === 'READ ONLY' };
  const level = /^ISOLATION LEVEL (SERIALIZABLE|REPEATABLE READ|READ COMMITTED|READ UNCOMMITTED)$/.exec(text)?.[1];
  if (level === undefined) throw new WireError('42601', `Syntax error at or near "${text.split(' ')[0]}"`);
  // Vertica knows two levels; the others mean the next stricter one.
  return { isolation: level.startsWith('READ') ? 'READ COMMITTED' : 'SERIALIZABLE' };
}

const unitMs: Readonly<Record<string, number>> = { millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000 };

function milliseconds(value: string): number {
  if (value === 'NONE' || value === '= DEFAULT') return 0;
  const match = /^'(\d+) (millisecond|second|minute|hour)s?'$/i.exec(value);
  const unit = unitMs[match?.[2]?.toLowerCase() ?? ''];
  if (!match || unit === undefined) throw new WireError('22023', 'Invalid value for RUNTIMECAP');
  return Number(match[1]) * unit;
}
