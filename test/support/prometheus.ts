export type PrometheusSample = {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
};

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/** Reads the Prometheus text format 0.0.4 by its rules; throws at the first line that breaks one. */
export function parsePrometheus(text: string): PrometheusSample[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const types = new Map<string, string>();
  const seen = new Set<string>();
  const samples: PrometheusSample[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'TYPE' && types.has(name)) throw new Error(`${name} has two types`);
      if (kind === 'TYPE') types.set(name, rest);
      continue;
    }
    const [, name = '', inner = '', number = ''] = sampleLine.exec(line) ?? [];
    const value = Number(number);
    if (!types.has(name)) throw new Error(`no type stands before: ${line}`);
    if (number === '' || Number.isNaN(value)) throw new Error(`no value: ${line}`);
    if (seen.has(`${name}{${inner}}`)) throw new Error(`twice: ${line}`);
    seen.add(`${name}{${inner}}`);
    samples.push({ name, labels: labelsOf(inner), value });
  }
  return samples;
}

function labelsOf(inner: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 0;
  while (at < inner.length) {
    label.lastIndex = at;
    const [whole, name = '', value = ''] = label.exec(inner) ?? [];
    if (whole === undefined || name in labels) throw new Error(`labels: ${inner}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    at = label.lastIndex;
  }
  return labels;
}
