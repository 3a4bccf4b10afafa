import { SegtagError, type ErrorCode } from '../errors.ts';

/** One mistake in a file that a person wrote, with the place to look at and, where there is one, the way out. */
export type Mistake = {
  /** Relative to the project folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `features.recency_days.scale`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly suggestion: string | undefined;
  /** The line and, below it, carets under the offending text. */
  readonly frame: string;
};

export type Range = { readonly start: number; readonly end: number };

/** A file's text with the means to point into it. */
export type SourceText = {
  readonly file: string;
  readonly text: string;
  /** The text that may be shown: secrets are masked, and every line has its original length or less. */
  readonly shown: string;
};

export type MistakeDetails = {
  readonly range: Range;
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string | undefined;
};

/** A mistake with line, column and code frame worked out from offsets into the text. */
export function mistakeAt(source: SourceText, details: MistakeDetails): Mistake {
  const { line, column } = lineAndColumn(source.text, details.range.start);
  return {
    file: source.file,
    line,
    column,
    path: details.path,
    message: details.message,
    suggestion: details.suggestion,
    frame: codeFrame(source.shown, { line, column, length: details.range.end - details.range.start }),
  };
}

/** Line and column, from 1, of an offset into a text. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

/** The mistake as it is printed: place and sentence, the line, and carets followed by the suggestion. */
export function formatMistake(mistake: Mistake): string {
  const path = mistake.path === '' ? '' : `${mistake.path}: `;
  const suggestion = mistake.suggestion === undefined ? '' : ` ${mistake.suggestion}`;
  const place = `${mistake.file}:${mistake.line}:${mistake.column}`;
  return `${place}  ${path}${mistake.message}\n${mistake.frame}${suggestion}`;
}

/** One error that holds all mistakes, in the order of the files, and ends with how many there are. */
export function mistakesError(code: ErrorCode, mistakes: readonly Mistake[], noun: string): SegtagError {
  const files = new Set(mistakes.map(({ file }) => file)).size;
  const summary = `${counted(mistakes.length, 'error')} in ${counted(files, noun)}. Nothing was run.`;
  return new SegtagError(code, {
    what: [...mistakes.map(formatMistake), summary].join('\n'),
    remedy: 'Correct the lines shown and try again.',
    cause: mistakes,
  });
}

/** The mistakes that an error of `mistakesError` holds; none for any other error. */
export function mistakesOf(error: unknown): readonly Mistake[] {
  const hasMistakes = error instanceof SegtagError && Array.isArray(error.cause);
  return hasMistakes ? (error.cause as readonly Mistake[]) : [];
}

/** File by file, from top to bottom. */
export function inReadingOrder(mistakes: readonly Mistake[]): Mistake[] {
  return [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const frameWidth = 100;

function codeFrame(text: string, at: { line: number; column: number; length: number }): string {
  const full = (text.split('\n')[at.line - 1] ?? '').replaceAll('\t', ' ').trimEnd();
  const from = at.column > frameWidth - 20 ? at.column - 40 : 0;
  const clippedStart = from > 0 ? '…' : '';
  const shown = full.slice(from, from + frameWidth);
  const clippedEnd = from + frameWidth < full.length ? '…' : '';
  const indent = ' '.repeat(clippedStart.length + at.column - 1 - from);
  const room = shown.length - (at.column - 1 - from);
  const carets = '^'.repeat(Math.max(1, Math.min(at.length, room)));
  const number = String(at.line).padStart(5);
  return `${number} | ${clippedStart}${shown}${clippedEnd}\n${' '.repeat(number.length)} | ${indent}${carets}`;
}
