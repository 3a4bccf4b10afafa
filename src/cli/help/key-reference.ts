import { isRecord } from '../../job/plain-value.ts';
import { jsonSchemas } from '../../job/json-schema.ts';
import { schemaKeys, type SchemaKey } from '../../job/schema-keys.ts';
import type { JsonSchema } from '../../job/schema-outline.ts';
import { prose, sentence, tableOf } from './markdown.ts';

/** Every key of job files and of the connections file, with its meaning and default, as Markdown. */
export function keyReferenceText(): string {
  const [job, connections] = Object.values(jsonSchemas()).map((text) => JSON.parse(text) as JsonSchema);
  return `${[
    '# Every key',
    'Written by `npm run docs` from the schemas that segtag reads files by; an editor shows the same as one types (`segtag schema`). `NAME` stands for a name that you choose; keys of the items of a list stand below its own. `segtag validate JOB --show-effective` prints a job with all its defaults.',
    '## Job files',
    ...chaptersOf(job!),
    '## The connections file',
    ...chaptersOf(connections!),
  ].join('\n\n')}\n`;
}

function chaptersOf({ properties = {} }: JsonSchema): string[] {
  return Object.entries(properties).map(([name, schema]) => {
    const { description = '' } = schema;
    const byDefault = defaultOf(schema);
    const parts = [
      `### ${name}`,
      `${sentence(description)}${byDefault === '' ? '' : ` Default: ${byDefault}.`}`,
      keyTable(schemaKeys(schema, name)),
    ];
    return parts.filter((part) => part !== '').join('\n\n');
  });
}

function defaultOf(schema: JsonSchema): string {
  const value: unknown = 'default' in schema ? schema.default : undefined;
  return value === undefined || Array.isArray(value) || isRecord(value) ? '' : code(String(value));
}

function keyTable(keys: readonly SchemaKey[]): string {
  const titles = ['key', 'meaning', 'default', 'only with'];
  const isApart = keys.some(({ onlyWith }) => onlyWith.length > 0);
  return tableOf(isApart ? titles : titles.slice(0, -1), keys.map(rowOf));
}

function rowOf({ path, meaning, byDefault = '', choices, onlyWith }: SchemaKey): string[] {
  const explained = choices.every((choice) => meaning.includes(`${choice}:`));
  return [
    code(path),
    `${prose(meaning)}${explained ? '' : `: ${choices.map(code).join(', ')}`}`,
    ['', '{}', '[]'].includes(byDefault) ? '' : code(byDefault),
    onlyWith.map(code).join(', '),
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}
