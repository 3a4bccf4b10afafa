import * as z from 'zod';
import { inReadingOrder, mistakeAt, type Mistake } from './mistake.ts';
import { isRecord, valueAt } from './plain-value.ts';
import { schemaMistakes, type SchemaMistake } from './schema-mistakes.ts';
import type { JsonSchema } from './schema-outline.ts';
import type { Words } from './words.ts';
import type { Path, YamlText } from './yaml-text.ts';

type CheckOptions<Schema extends z.ZodType> = {
  readonly schema: Schema;
  readonly words: Words;
  /** Mistakes that the schema can't see, in values that nobody has checked yet. */
  readonly rules: (yaml: YamlText) => readonly Mistake[];
  readonly whenEmpty: string;
  /** Leaves out complaints of the schema, such as those about values that are filled in later. */
  readonly tolerates?: (path: Path) => boolean;
};

export type CheckedYaml<Value> = { readonly value: Value } | { readonly mistakes: readonly Mistake[] };

/**
 * Every mistake in a file, from top to bottom, or its value with defaults. A key in another
 * tool's words is told once and then read as the key that was meant, so that what stands below
 * it is checked as well.
 */
export function checkYaml<Schema extends z.ZodType>(
  yaml: YamlText,
  options: CheckOptions<Schema>,
): CheckedYaml<z.output<Schema>> {
  if (!yaml.readable) return { mistakes: inReadingOrder(yaml.mistakes) };
  if (yaml.value === null || yaml.value === undefined) return { mistakes: [emptyFile(yaml, options.whenEmpty)] };
  const result = options.schema.safeParse(yaml.value);
  if (result.success) {
    const mistakes = [...yaml.mistakes, ...options.rules(yaml)];
    return mistakes.length === 0 ? { value: result.data } : { mistakes: inReadingOrder(mistakes) };
  }
  return { mistakes: inReadingOrder(allMistakes(yaml, options)) };
}

function allMistakes<Schema extends z.ZodType>(yaml: YamlText, options: CheckOptions<Schema>): Mistake[] {
  const outline = z.toJSONSchema(options.schema, { io: 'input' }) as JsonSchema;
  const renamed: Mistake[] = [];
  let current = yaml;
  for (;;) {
    const issues = options.schema.safeParse(current.value).error?.issues ?? [];
    const found = schemaMistakes(current, issues, { outline, words: options.words });
    const next = found.find((each) => canRename(current, each));
    if (!next) {
      const told = found.filter(({ path }) => !options.tolerates?.(path)).map(({ mistake }) => mistake);
      const unknown = found.filter(({ isUnknownKey }) => isUnknownKey).map(({ mistake }) => mistake.path);
      const ruled = options.rules(current).filter(({ path }) => !unknown.some((key) => isBelow(path, key)));
      return [...yaml.mistakes, ...renamed, ...told, ...ruled];
    }
    renamed.push(next.mistake);
    current = current.withKey(next.path, String(next.meant?.at(-1)));
  }
}

/** Each renaming takes away one unknown key and never makes another, so the loop above ends. */
function canRename(yaml: YamlText, { path, meant }: SchemaMistake): boolean {
  if (!meant || meant.length !== path.length) return false;
  const parent = path.slice(0, -1);
  if (parent.some((part, i) => part !== meant[i])) return false;
  const siblings = valueAt(yaml.value, parent);
  return isRecord(siblings) && !Object.hasOwn(siblings, String(meant.at(-1)));
}

function isBelow(path: string, key: string): boolean {
  return path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
}

function emptyFile(yaml: YamlText, suggestion: string): Mistake {
  return mistakeAt(yaml, { range: { start: 0, end: 1 }, path: '', message: 'the file is empty', suggestion });
}
