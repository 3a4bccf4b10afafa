import type * as z from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { mistakeAt, type Mistake, type Range } from './mistake.ts';
import { valueAt } from './plain-value.ts';
import { allowedKeys, descriptionAt, type JsonSchema } from './schema-outline.ts';
import { entryFor, isUnsupported, kindOf, quoted, type Words } from './words.ts';
import { pathText, type Path, type YamlText } from './yaml-text.ts';

type Issue = z.core.$ZodIssue;
/** What the schema complains about, before it is placed in the text. */
type Found = {
  readonly path: Path;
  readonly range: Range;
  readonly message: string;
  readonly suggestion?: string | undefined;
  readonly isUnknownKey?: boolean;
  /** For an unknown key: the path of the key that is meant. */
  readonly meant?: Path;
};
type Context = { readonly yaml: YamlText; readonly outline: JsonSchema; readonly words: Words };

/** A mistake of the schema; `meant` is the path of the known key that stands behind an unknown one. */
export type SchemaMistake = {
  readonly path: Path;
  readonly isUnknownKey: boolean;
  readonly meant: Path | undefined;
  readonly mistake: Mistake;
};

/** The schema's complaints as mistakes in the text: one sentence each, at the node that caused it. */
export function schemaMistakes(
  yaml: YamlText,
  issues: readonly Issue[],
  options: { readonly outline: JsonSchema; readonly words: Words },
): SchemaMistake[] {
  const context: Context = { yaml, ...options };
  const found = issues.flatMap((issue) => explain(context, issue, issue.path as Path));
  const meantPaths = new Set(found.map(({ meant }) => (meant ? pathText(meant) : undefined)));
  return found
    .filter(({ message, path }) => message !== missing || !meantPaths.has(pathText(path)))
    .map(({ path, meant, isUnknownKey = false, ...rest }) => ({
      path,
      isUnknownKey,
      meant,
      mistake: mistakeAt(yaml, { path: pathText(path), ...rest }),
    }));
}

const missing = 'is missing';

function explain(context: Context, issue: Issue, path: Path): Found[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(context, [...path, key]));
    case 'invalid_key':
      return [{ path, range: context.yaml.keyRange(path), message: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_union':
      return explainUnion(context, issue, path);
    case 'invalid_value':
      return [notAllowed(context, issue.values, path)];
    case 'invalid_type':
      return [wrongType(context, issue, path)];
    case 'custom':
      return [insideValue(context, issue, path)];
    default:
      return [atValue(context, path, boundWords(issue))];
  }
}

function atValue(context: Context, path: Path, message: string, suggestion?: string): Found {
  return { path, range: context.yaml.valueRange(path), message, suggestion };
}

/** A mistake that a field of its own language has found, at the part of the text it speaks of. */
function insideValue(context: Context, issue: z.core.$ZodIssueCustom, path: Path): Found {
  const { span, suggestion } = (issue.params ?? {}) as { span?: Range; suggestion?: string };
  const found = atValue(context, path, issue.message, suggestion);
  return span ? { ...found, range: context.yaml.rangeInside(path, span) } : found;
}

function wrongType(context: Context, issue: z.core.$ZodIssueInvalidType, path: Path): Found {
  const value = valueAt(context.yaml.value, path);
  if (value === undefined) return missingKey(context, path);
  const spelled = typeof value === 'string' ? truthWords[value.toLowerCase()] : undefined;
  const suggestion =
    issue.expected === 'boolean' ? spelled : isOwnMessage(issue) ? undefined : typeExamples[issue.expected];
  return atValue(context, path, `must be ${alternativeWords(issue)}, not ${kindOf(value)}`, suggestion);
}

/** What a value of the wrong type might have been, by the type that is wanted. */
const typeExamples: Readonly<Record<string, string>> = {
  number: 'write digits alone, such as 4',
  int: 'write digits alone, such as 4',
  string: 'put it in quotes',
  array: 'write a list, such as [a, b]',
  object: 'write keys with their values, such as { key: value }',
};

const truthWords: Readonly<Record<string, string>> = {
  yes: 'write true',
  on: 'write true',
  no: 'write false',
  off: 'write false',
};

function missingKey(context: Context, path: Path, options?: string): Found {
  const description = descriptionAt(context.outline, path, context.yaml.value);
  return {
    path,
    range: context.yaml.keyRange(path),
    message: missing,
    suggestion: options ?? (description === undefined ? undefined : lowerFirst(description)),
  };
}

function unknownKey(context: Context, path: Path): Found {
  const key = String(path.at(-1));
  const range = context.yaml.keyRange(path);
  const found = { path, range, isUnknownKey: true };
  if (isUnsupported(context.words, path))
    return { ...found, message: `"${key}" is not supported by this version`, suggestion: 'remove it' };
  return { ...found, message: `"${key}" is not a known key`, ...keyAdvice(context, path, key) };
}

function keyAdvice({ yaml, outline, words }: Context, path: Path, key: string): Pick<Found, 'suggestion' | 'meant'> {
  const advice = entryFor(words.advice, path);
  if (advice !== undefined) return { suggestion: advice };
  const allowed = allowedKeys(outline, path.slice(0, -1), yaml.value);
  const word = entryFor(words.otherKeys, path) ?? didYouMean(key, allowed);
  if (word === undefined) return { suggestion: `one of ${allowed.join(', ')}` };
  const meant = word.includes('.') ? word.split('.') : [...path.slice(0, -1), word];
  return { suggestion: `did you mean "${word}"?`, meant };
}

function notAllowed(context: Context, options: readonly unknown[], path: Path): Found {
  const { yaml, words } = context;
  const value = valueAt(yaml.value, path);
  const list = `one of ${options.join(', ')}`;
  if (value === undefined) return missingKey(context, path, options.length > 1 ? list : `write ${quoted(options[0])}`);
  const range = yaml.valueRange(path);
  if (typeof value === 'string' && isUnsupported(words, [...path, value]))
    return { path, range, message: `${quoted(value)} is not supported by this version`, suggestion: list };
  const single = options.length === 1 ? `must be ${quoted(options[0])}` : undefined;
  const message = single ?? `${value === null ? 'nothing' : quoted(value)} is not allowed`;
  const meant = typeof value === 'string' ? suggestedValue(words, value, options.map(String)) : undefined;
  const suggestions = [meant === undefined ? '' : `did you mean "${meant}"?`, single === undefined ? list : ''];
  return { path, range, message, suggestion: suggestions.filter((text) => text !== '').join(' ') || undefined };
}

function suggestedValue(words: Words, value: string, options: readonly string[]): string | undefined {
  const other = words.otherValues[value.toLowerCase()];
  return other !== undefined && options.includes(other) ? other : didYouMean(value, options);
}

function explainUnion(context: Context, issue: z.core.$ZodIssueInvalidUnion, path: Path): Found[] {
  if ('options' in issue) return [notAllowed(context, issue.options as unknown[], path)];
  const value = valueAt(context.yaml.value, path);
  if (value === undefined) return [missingKey(context, path)];
  const entered = issue.errors.filter((branch) => !isWrongKind(branch));
  const deepest = entered.length === 1 ? entered[0] : undefined;
  if (deepest) return deepest.flatMap((each) => explain(context, each, [...path, ...(each.path as Path)]));
  const literals = issue.errors.flatMap((branch) => branch.flatMap((each) => ('values' in each ? each.values : [])));
  const alternatives = issue.errors.flatMap((branch) => branch.slice(0, 1).map(alternativeWords));
  const meant = typeof value === 'string' ? didYouMean(value, literals.map(String)) : undefined;
  const hint = value === false && literals.includes('off') ? 'off' : meant;
  return [
    {
      path,
      range: context.yaml.valueRange(path),
      message: `must be ${[...new Set(alternatives)].join(' or ')}`,
      suggestion: hint === undefined ? undefined : `did you mean ${hint}?`,
    },
  ];
}

/** True when a branch of a union was refused for what the value is, rather than for what it holds. */
function isWrongKind(branch: readonly Issue[]): boolean {
  const [first] = branch;
  return first?.path.length === 0 && (first.code === 'invalid_type' || first.code === 'invalid_value');
}

function alternativeWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return isOwnMessage(issue) ? withoutMust(issue.message) : (typeWords[issue.expected] ?? issue.expected);
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    default:
      return withoutMust(boundWords(issue));
  }
}

function withoutMust(sentence: string): string {
  return sentence.replace(/^must be /, '');
}

/** True when the message comes from our schema rather than from zod. */
function isOwnMessage(issue: Issue): boolean {
  return !/^(Too|Invalid)/.test(issue.message);
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
};

function boundWords(issue: Issue): string {
  if (isOwnMessage(issue)) return issue.message;
  if (issue.code === 'too_small') return bound('least', Number(issue.minimum), issue.origin, issue.inclusive !== false);
  if (issue.code === 'too_big') return bound('most', Number(issue.maximum), issue.origin, issue.inclusive !== false);
  if (issue.code === 'invalid_format' && issue.format === 'date') return 'must be a date written YYYY-MM-DD';
  return lowerFirst(issue.message);
}

function bound(side: 'least' | 'most', limit: number, origin: string, inclusive: boolean): string {
  if (origin === 'string') return limit === 1 ? 'must not be empty' : `must have at ${side} ${limit} characters`;
  if (origin === 'array') return `must have at ${side} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  if (!inclusive) return `must be ${side === 'least' ? 'more' : 'less'} than ${limit}`;
  return `must be at ${side} ${limit}`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
