import type { Job } from '../../job/schema.ts';
import { lineAndColumn, mistakesError } from '../../job/mistake.ts';
import type { Binding, Dialect, Origin, Statement } from '../warehouse.ts';
import { insertLabel, type Inserted } from './label-hint.ts';
import { usageMistakes, type Builtin, type Declared } from './parameter-rules.ts';
import { scanTemplate, templateSource, type Token } from './scan-template.ts';

export type BindOptions = {
  /** Relative to the project folder. */
  readonly file: string;
  readonly text: string;
  readonly params: Job['source']['params'];
  readonly identifiers: Job['source']['identifiers'];
  /** `as_of` is written YYYY-MM-DD. */
  readonly builtin: Readonly<Record<Builtin, string>>;
  readonly dialect: Dialect;
  /** The job's name; it appears in the server's own lists of queries. */
  readonly label: string;
};

/**
 * A template with values taken out as bindings, identifiers quoted for the engine, and a comment that names
 * job and run in front of its first line. Line n of the statement is line n of the file. Throws
 * E_SQL_TEMPLATE with every mistake.
 */
export function bindTemplate(options: BindOptions): Statement {
  const source = templateSource(options.file, options.text);
  const { tokens, mistakes } = scanTemplate(source, options.dialect);
  const declared: Declared = { params: options.params, identifiers: options.identifiers };
  const all = [...mistakes, ...usageMistakes(source, tokens, declared)];
  if (all.length > 0) throw mistakesError('E_SQL_TEMPLATE', all, 'SQL template');
  const bindings: Binding[] = [];
  const parts = tokens.map((token) => written(token, options, bindings));
  const label =
    options.dialect === 'vertica' ? insertLabel(options.text, tokens, parts, `segtag_${options.label}`) : undefined;
  const comment = `/* segtag job=${harmless(options.label)} run=${harmless(options.builtin.run_id)} */ `;
  const origins = originsOf({ text: options.text, tokens, parts, start: comment.length, label });
  return { file: options.file, sql: comment + parts.join(''), bindings, origins };
}

type Written = {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly parts: readonly string[];
  readonly start: number;
  readonly label: Inserted | undefined;
};

/** Where each token stands in the file, and what follows the label in one. */
function originsOf({ text, tokens, parts, start, label }: Written): Origin[] {
  let offset = start;
  return tokens.flatMap((token, index) => {
    const origins = [{ offset, ...lineAndColumn(text, token.start) }];
    if (label?.token === index)
      origins.push({
        offset: offset + label.offset + label.length,
        ...lineAndColumn(text, token.start + label.offset),
      });
    offset += parts[index]?.length ?? 0;
    return origins;
  });
}

function written(token: Token, options: BindOptions, bindings: Binding[]): string {
  const text = options.text.slice(token.start, token.end);
  switch (token.kind) {
    case 'value': {
      const values = valuesOf(token.name, options);
      bindings.push(...values);
      return values.map(() => '?').join(', ');
    }
    case 'identifier':
      return quoteIdentifier(options.identifiers[token.name] ?? '', options.dialect);
    case 'colon':
      return ':';
    case 'semicolon':
      return ' ';
    default:
      return text.replaceAll('?', String.raw`\?`);
  }
}

function valuesOf(name: string, { params, builtin }: BindOptions): readonly Binding[] {
  if (name === 'as_of') return [{ date: builtin.as_of }];
  if (name === 'run_id') return [builtin.run_id];
  const value = params[name];
  if (value === undefined) throw new Error(`:${name} was found in the template but not among the parameters`);
  return Array.isArray(value) ? value : [value as Binding];
}

/** Dotted plain names only, as `usageMistakes` has made sure, so no quote can stand inside. */
function quoteIdentifier(name: string, dialect: Dialect): string {
  const mark = dialect === 'mysql' ? '`' : '"';
  return name
    .split('.')
    .map((part) => `${mark}${part}${mark}`)
    .join('.');
}

/** What cannot end a comment or pass for a binding. */
function harmless(word: string): string {
  return word.replaceAll(/[^\w.:-]/g, '_');
}
