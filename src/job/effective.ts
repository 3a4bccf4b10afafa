import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { isRecord } from './plain-value.ts';
import { jobSchema } from './schema.ts';
import { pathText, type Path } from './yaml-text.ts';

/** What the JSON Schema of a part of the job file says, as far as defaults need it. */
type Part = {
  readonly type?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly additionalProperties?: Part | boolean;
  readonly items?: Part | readonly Part[];
  readonly anyOf?: readonly Part[];
  readonly oneOf?: readonly Part[];
};

/**
 * A valid job file with the default of everything that it leaves out, in the order of the schema; reading it
 * gives the same job. What is decided by the rest of the job where the file says nothing stands as a comment.
 */
export function effectiveText(text: string): string {
  const schema = z.toJSONSchema(jobSchema, { io: 'input' }) as Part;
  const unsaid: string[] = [];
  const job = completed(schema, parse(text), [], unsaid);
  const comments = unsaid.map((line) => `# ${line}\n`).join('');
  return `${stringify(job, { lineWidth: 120 })}${comments}`;
}

function completed(part: Part, written: unknown, path: Path, unsaid: string[]): unknown {
  const value = written === undefined ? part.default : written;
  const branches = part.anyOf ?? part.oneOf;
  if (branches) {
    const branch = branches.find((each) => fits(each, value));
    return branch ? completed(branch, value, path, unsaid) : value;
  }
  if (Array.isArray(value)) {
    const { items } = part;
    if (items === undefined || Array.isArray(items)) return value;
    return value.map((each: unknown, i) => completed(items as Part, each, [...path, i], unsaid));
  }
  return isRecord(value) ? completedRecord(part, value, path, unsaid) : value;
}

function completedRecord(
  { properties = {}, additionalProperties: others }: Part,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  unsaid: string[],
): Record<string, unknown> {
  const known = Object.entries(properties).flatMap(([key, part]): [string, unknown][] => {
    if (isRefused(key, value)) return [];
    const own = completed(part, value[key], [...path, key], unsaid);
    const { description = '' } = part;
    if (own === undefined && /\bdefault\b/i.test(description))
      unsaid.push(`${pathText([...path, key])}: ${description}`);
    return own === undefined ? [] : [[key, own]];
  });
  const rest = Object.keys(value).filter((key) => !Object.hasOwn(properties, key));
  const further = rest.map((key): [string, unknown] => [
    key,
    isRecord(others) ? completed(others as Part, value[key], [...path, key], unsaid) : value[key],
  ]);
  return Object.fromEntries([...known, ...further]);
}

/** Texts without an order are not scaled, and a job that says how is refused. */
function isRefused(key: string, within: Readonly<Record<string, unknown>>): boolean {
  return key === 'scale' && within[key] === undefined && within['categories'] !== undefined;
}

/** Whether the value can be meant by this branch: of its type, and with the words that tell branches apart. */
function fits(part: Part, value: unknown): boolean {
  const branches = part.anyOf ?? part.oneOf;
  if (branches) return branches.some((each) => fits(each, value));
  if ('const' in part) return part.const === value;
  if (part.enum) return part.enum.includes(value);
  switch (part.type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return (
        isRecord(value) &&
        Object.entries(part.properties ?? {}).every(([key, each]) => !('const' in each) || each.const === value[key])
      );
    case 'integer':
      return Number.isInteger(value);
    default:
      return part.type === undefined || typeof value === part.type;
  }
}
