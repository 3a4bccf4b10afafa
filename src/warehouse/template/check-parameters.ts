import { mistakesError, type Mistake } from '../../job/mistake.ts';
import type { LoadedJob } from '../../job/load-job.ts';
import type { Dialect } from '../warehouse.ts';
import { chosenTemplates, type Templates } from './load-templates.ts';
import { builtins, usageMistakes } from './parameter-rules.ts';
import { scanTemplate, templateSource } from './scan-template.ts';

/**
 * Compares what a job declares with what its templates use, without a connection. Throws E_SQL_TEMPLATE
 * with every unreadable template and every unknown, unused or mistaken parameter.
 */
export function checkParameters(templates: Templates, loaded: LoadedJob, dialect: Dialect): void {
  const { source } = loaded.job;
  const mistakes: Mistake[] = [];
  const used = new Set<string>();
  for (const { file, text } of chosenTemplates(templates)) {
    const scanned = scanTemplate(templateSource(file, text), dialect);
    for (const { name } of scanned.tokens) used.add(name);
    mistakes.push(...scanned.mistakes, ...usageMistakes(templateSource(file, text), scanned.tokens, source));
  }
  // What another engine's variant of a template may use counts as used; it is read by that engine's rules only there.
  for (const { text } of templates.overridden)
    for (const [, name = ''] of text.matchAll(/:([A-Za-z_]\w*)/g)) used.add(name);
  mistakes.push(...declarationMistakes(loaded, used));
  if (mistakes.length > 0) throw mistakesError('E_SQL_TEMPLATE', mistakes, 'file');
}

function declarationMistakes(loaded: LoadedJob, used: ReadonlySet<string>): Mistake[] {
  const { params, identifiers } = loaded.job.source;
  const declared = [
    ...Object.keys(params).map((name) => ({ name, path: ['source', 'params', name], spelling: `:${name}` })),
    ...Object.keys(identifiers).map((name) => ({ name, path: ['source', 'identifiers', name], spelling: `:${name}:` })),
  ];
  return declared.flatMap(({ name, path, spelling }) => {
    if ((builtins as readonly string[]).includes(name))
      return [loaded.mistake(path, `${name} is always there and cannot be declared`, 'give it another name')];
    if (used.has(name)) return [];
    return [loaded.mistake(path, `no template of this job uses ${spelling}`, 'remove it, or use it in the SQL')];
  });
}
