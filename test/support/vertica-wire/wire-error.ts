/** An error as Vertica reports it: a SQLSTATE, a sentence, and for syntax errors where in the statement. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly sqlState: string;
  /** Characters from the start of the statement, counted from 1. */
  readonly position: number | undefined;

  constructor(sqlState: string, message: string, position?: number) {
    super(message);
    this.sqlState = sqlState;
    this.position = position;
  }
}

/** What Vertica says to a statement that it can't parse. */
export function syntaxError(text: string, position: number): WireError {
  return new WireError('42601', `Syntax error at or near "${text}"`, position);
}

/** DuckDB's complaint about a statement in Vertica's words and with its SQLSTATE. */
export function asWireError(error: unknown, sql: string): WireError {
  if (error instanceof WireError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/^INTERRUPT/i.test(message)) return canceled();
  for (const [pattern, translate] of translations) {
    const match = pattern.exec(message);
    if (match) return translate(match[1] ?? '', caretPosition(message, sql));
  }
  return new WireError('XX000', message.split('\n')[0] ?? message);
}

export function canceled(): WireError {
  return new WireError('57014', 'Execution canceled by operator');
}

type Translation = readonly [RegExp, (name: string, position: number) => WireError];

const translations: readonly Translation[] = [
  [/^Parser Error: syntax error at or near "([^"]*)"/, syntaxError],
  [/^Parser Error: syntax error at end of input/, (_, position) => syntaxError('EOL', position)],
  [/^Parser Error: (.*)/, (text, position) => new WireError('42601', text, position)],
  [/^(?:Catalog|Binder) Error: .*[Ss]chema "?([^"\s]+)"? does not exist/, (name) => missing('3F000', 'Schema', name)],
  [/^Catalog Error: Table with name (\S+) does not exist/, (name) => missing('42V01', 'Relation', name)],
  [/^Catalog Error: [\w ]*Function with name "?([^"\s]+)"?/, (name) => missingFunction(name)],
  [
    /^(?:Catalog|Binder) Error: .*[Ss]chema (?:with name )?"?([^"\s]+)"? does not exist/,
    (name) => missing('3F000', 'Schema', name),
  ],
  [/^Catalog Error: Type with name "?([^"\s]+)"?/, (name) => missing('42704', 'Type', name)],
  [/^Catalog Error: .*"([^"]+)" already exists/, (name) => new WireError('42710', `Object "${name}" already exists`)],
  [/^Binder Error: Referenced column "([^"]+)" not found/, (name) => missing('42703', 'Column', name)],
  [/^Binder Error: Table "[^"]*" does not have a column named "([^"]+)"/, (name) => missing('42703', 'Column', name)],
  [/^Binder Error: Referenced table "([^"]+)" not found/, (name) => missing('42V01', 'Relation', name)],
  [
    /^Binder Error: Ambiguous reference to column name "([^"]+)"/,
    (name) => new WireError('42702', `Column reference "${name}" is ambiguous`),
  ],
  [
    /^Binder Error: column "?([^"\s]+)"? must appear in the GROUP BY/,
    (name) =>
      new WireError('42803', `Column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`),
  ],
  [/^Binder Error: No function matches the given name and argument types '([^']+)'/, (name) => missingFunction(name)],
  [/^Binder Error: (.*)/, (text) => new WireError('42601', text)],
  [
    /^Conversion Error: Could not convert (?:string )?'(.*)' to (?:.*)/,
    (value) => new WireError('22V02', `Could not convert "${value}"`),
  ],
  [/^Conversion Error: (.*)/, (text) => new WireError('22007', text)],
  [/^Out of Range Error: (.*)/, (text) => new WireError('22003', text)],
  [/^Invalid Input Error: (.*)/, (text) => new WireError('22023', text)],
  [/^Constraint Error: (.*)/, (text) => new WireError('23505', text)],
  [/read-only mode/, () => new WireError('25006', 'Command cannot be executed in a read-only transaction')],
];

function missing(sqlState: string, kind: string, name: string): WireError {
  return new WireError(sqlState, `${kind} "${name.replace(/[!.]$/, '')}" does not exist`);
}

function missingFunction(name: string): WireError {
  return new WireError('42883', `Function ${name} does not exist, or permission is denied for ${name}`);
}

/** DuckDB shows the line of an error with a caret under it; of a line that it cuts short, the start is given. */
function caretPosition(message: string, sql: string): number {
  const shown = /LINE (\d+): (.*)\n( *)\^/.exec(message);
  if (!shown) return 1;
  const [, line = '1', text = '', indent = ''] = shown;
  const before = sql
    .split('\n')
    .slice(0, Number(line) - 1)
    .join('\n').length;
  const column = text.startsWith('...') ? 0 : indent.length - `LINE ${line}: `.length;
  return (line === '1' ? 0 : before + 1) + column + 1;
}
