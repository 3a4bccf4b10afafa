import type { Binding, Dialect, Statement } from '../warehouse.ts';

/** The statement as a text of its own, for a person to take elsewhere: its values stand in it as literals. Never sent by a run. */
export function inlineStatement({ file, sql, bindings }: Statement, dialect: Dialect): string {
  let count = 0;
  const text = sql.replaceAll(/\\\?|\?/g, (mark) => {
    if (mark !== '?') return '?';
    const binding = bindings[count++];
    if (binding === undefined) throw new Error(`${file} has more places than bindings`);
    return literal(binding, dialect);
  });
  if (count !== bindings.length) throw new Error(`${file} has ${count} places for ${bindings.length} bindings`);
  return text;
}

function literal(binding: Binding, dialect: Dialect): string {
  switch (typeof binding) {
    case 'number':
      return binding < 0 ? `(${binding})` : String(binding);
    case 'boolean':
      return binding ? 'TRUE' : 'FALSE';
    default: {
      const text = typeof binding === 'string' ? binding : binding.date;
      const escaped = dialect === 'mysql' ? text.replaceAll('\\', '\\\\') : text;
      return `'${escaped.replaceAll("'", "''")}'`;
    }
  }
}
