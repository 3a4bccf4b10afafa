import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from 'yaml';
import { lineAndColumn, mistakeAt, type Mistake, type Range, type SourceText } from './mistake.ts';

export type Path = readonly (string | number)[];

/** Reports a mistake at the value, or the key, of a path; `part` is the part of the value's text that is meant. */
export type Report = (path: Path, message: string, suggestion?: string, part?: Range) => void;

/** A YAML file as plain values, every one of which can be found again in the text. */
export type YamlText = SourceText & {
  readonly value: unknown;
  /** False when the text isn't YAML at all: then the values mean nothing. */
  readonly readable: boolean;
  readonly mistakes: readonly Mistake[];
  /** Where the value at `path` stands; where it is absent, the key of its nearest parent. */
  valueRange(path: Path): Range;
  /** Where the key of the value at `path` stands. */
  keyRange(path: Path): Range;
  /** Where a part of the text at `path` stands; the whole value where escapes or folds hide it. */
  rangeInside(path: Path, part: Range): Range;
  /** `jobs/x.yaml:12:5`: where the value at `path` stands, or its nearest parent. */
  locate(path: Path): string;
  /** The same text read as if the key at `path` were another word; positions stay. */
  withKey(path: Path, key: string): YamlText;
};

/**
 * Reads YAML 1.2. Of mistakes in the syntax only the first is told, because one bad indent
 * causes many; repeated keys are all told.
 */
export function readYaml(source: SourceText): YamlText {
  const document = parseDocument(source.text, { keepSourceTokens: true, prettyErrors: false });
  const repeated = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  const broken = [...document.errors, ...document.warnings]
    .filter(({ code }) => code !== 'DUPLICATE_KEY')
    .sort((a, b) => a.pos[0] - b.pos[0])[0];
  const mistakes = repeated.map((error) => repeatedKey(source, document, error));
  if (broken) mistakes.push(syntaxMistake(source, document, broken));
  return broken
    ? located(source, document, { value: undefined, readable: false, mistakes })
    : valued(source, document, mistakes);
}

function valued(source: SourceText, document: Document, mistakes: readonly Mistake[]): YamlText {
  try {
    return located(source, document, { value: document.toJS(), readable: true, mistakes });
  } catch (error) {
    // An alias to nothing, or aliases that multiply without bounds.
    const message = withoutQuotation(error instanceof Error ? error.message : String(error));
    const mistake = mistakeAt(source, { range: firstAlias(document), path: '', message });
    return located(source, document, { value: undefined, readable: false, mistakes: [...mistakes, mistake] });
  }
}

function located(
  source: SourceText,
  document: Document,
  result: Pick<YamlText, 'value' | 'readable' | 'mistakes'>,
): YamlText {
  return {
    ...source,
    ...result,
    valueRange: (path) => valueRange(document, path),
    keyRange: (path) => keyRange(document, path),
    rangeInside: (path, part) => rangeInside(source.text, document, path, part),
    locate(path) {
      const { line, column } = lineAndColumn(source.text, valueRange(document, path).start);
      return `${source.file}:${line}:${column}`;
    },
    withKey(path, key) {
      const renamed = find(document, path)?.key;
      if (isScalar(renamed)) renamed.value = key;
      return valued(source, document, result.mistakes);
    },
  };
}

/** `labels[2].prototype.value` */
export function pathText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function repeatedKey(source: SourceText, document: Document, error: YAMLError): Mistake {
  const key = keyAt(document, error.pos[0]);
  return mistakeAt(source, {
    range: key?.range ?? rangeOfError(error),
    path: '',
    message: `the key "${key?.text ?? '?'}" stands here a second time`,
    suggestion: 'keep one of the two',
  });
}

function keyAt(document: Document, offset: number): { text: string; range: Range } | undefined {
  let found: { text: string; range: Range } | undefined;
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.range?.[0] === offset) {
        found = { text: String(key.value), range: nodeRange(key) };
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return found;
}

function syntaxMistake(source: SourceText, document: Document, error: YAMLError): Mistake {
  const deeper = error.code === 'BLOCK_AS_IMPLICIT_KEY' ? keyOnLaterLine(source.text, error.pos[0]) : undefined;
  if (deeper !== undefined)
    return mistakeAt(source, {
      range: wholeLine(source.text, deeper),
      path: '',
      message: 'this line is indented further than the lines it belongs to',
      suggestion: 'align it with them',
    });
  let range = rangeOfError(error);
  if (error.code === 'BAD_INDENT' || error.code === 'TAB_AS_INDENT') range = wholeLine(source.text, range.start);
  if (error.code === 'MISSING_CHAR' && error.message.includes('quote')) range = lastQuote(document) ?? range;
  const { message, suggestion } = syntaxWords(source.text, error);
  return mistakeAt(source, { range, path: '', message, suggestion });
}

function syntaxWords(text: string, error: YAMLError): { message: string; suggestion?: string } {
  const atReference = error.code === 'UNEXPECTED_TOKEN' && text.slice(error.pos[0] - 1, error.pos[0] + 1) === '${';
  if (atReference)
    return {
      message: 'a reference inside { } or [ ] must be quoted',
      suggestion: 'write it as "${env:NAME}"',
    };
  switch (error.code) {
    case 'BAD_INDENT':
      return { message: 'this line is not indented like the lines it belongs to', suggestion: 'align it with them' };
    case 'TAB_AS_INDENT':
      return { message: 'a tab is not allowed as indentation', suggestion: 'use spaces' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'this text holds a colon followed by a space, which starts another key',
        suggestion: 'quote the text',
      };
    case 'BAD_ALIAS':
      return { message: 'a text that starts with * or & must be quoted', suggestion: 'quote the text' };
    case 'BAD_SCALAR_START':
      return { message: 'a text cannot start with this character', suggestion: 'quote the text' };
    case 'MULTIPLE_DOCS':
      return { message: 'a second document starts here', suggestion: 'one file holds one document; remove ---' };
    default:
      return { message: `this is not YAML: ${withoutQuotation(error.message)}` };
  }
}

/** The offset of a key that a too deep indent has made part of the text above it. */
function keyOnLaterLine(text: string, offset: number): number | undefined {
  const colon = /:\s/.exec(text.slice(offset));
  return colon?.index !== undefined && text.slice(offset, offset + colon.index).includes('\n')
    ? offset + colon.index
    : undefined;
}

/** The library quotes behind a colon what it stumbled over, which may be a secret. */
function withoutQuotation(message: string): string {
  const sentence = message.replace(/: .*$/s, '');
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function rangeOfError(error: YAMLError): Range {
  return { start: error.pos[0], end: error.pos[1] };
}

function wholeLine(text: string, offset: number): Range {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset);
  const end = lineEnd === -1 ? text.length : lineEnd;
  const blanks = /^\s*/.exec(text.slice(lineStart, end))?.[0].length ?? 0;
  return { start: lineStart + blanks, end };
}

function lastQuote(document: Document): Range | undefined {
  let last: Range | undefined;
  visit(document, {
    Scalar(_, node) {
      if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') last = nodeRange(node);
    },
  });
  return last;
}

function firstAlias(document: Document): Range {
  let first: Range | undefined;
  visit(document, {
    Alias(_, node) {
      first = nodeRange(node);
      return visit.BREAK;
    },
  });
  return first ?? { start: 0, end: 1 };
}

type Found = { readonly key: Node | undefined; readonly value: Node | undefined };

function find(document: Document, path: Path): Found | undefined {
  let found: Found = { key: undefined, value: (document.contents as Node | null) ?? undefined };
  for (const part of path) {
    const parent = isAlias(found.value) ? found.value.resolve(document) : found.value;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && keyText(item) === String(part));
      if (!pair) return undefined;
      found = { key: pair.key as Node, value: (pair.value as Node | null) ?? undefined };
    } else if (isSeq(parent) && parent.items[Number(part)] !== undefined) {
      found = { key: undefined, value: parent.items[Number(part)] as Node };
    } else return undefined;
  }
  return found;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function keyRange(document: Document, path: Path): Range {
  const found = find(document, path);
  if (!found) return path.length === 0 ? startOf(undefined) : keyRange(document, path.slice(0, -1));
  return found.key ? nodeRange(found.key) : startOf(found.value);
}

function valueRange(document: Document, path: Path): Range {
  const found = find(document, path);
  if (!found?.value) return keyRange(document, path);
  const range = nodeRange(found.value);
  return range.end > range.start ? range : keyRange(document, path);
}

function rangeInside(text: string, document: Document, path: Path, part: Range): Range {
  const whole = valueRange(document, path);
  const value = find(document, path)?.value;
  if (!isScalar(value) || typeof value.value !== 'string') return whole;
  const offset = text.slice(whole.start, whole.end).indexOf(value.value);
  if (offset < 0) return whole;
  const start = whole.start + offset + part.start;
  return { start, end: Math.max(start + 1, whole.start + offset + part.end) };
}

/** The first token of a node: the place to point at when the node lacks something. */
function startOf(node: Node | undefined): Range {
  if (isMap(node) && node.flow !== true && isPair(node.items[0])) return nodeRange(node.items[0].key as Node);
  const start = node?.range?.[0] ?? 0;
  return { start, end: start + 1 };
}

function nodeRange(node: Node): Range {
  const [start, end] = node.range ?? [0, 1];
  return { start, end };
}
