import { canonicalJson } from './hash.ts';
import type { JsonSchema } from './schema-outline.ts';

/** A key that a file may have. Keys of the same path with another meaning, for another method, are apart. */
export type SchemaKey = {
  /** `segments.k`; `NAME` stands for a key that the writer names, and lists don't show. */
  readonly path: string;
  readonly meaning: string;
  /** As written in the file; absent where there is none. */
  readonly byDefault?: string;
  /** Texts that it may be; none where others are allowed. */
  readonly choices: readonly string[];
  /** Settings that it goes with, such as `method: kmeans`; none where it goes with all. */
  readonly onlyWith: readonly string[];
};

type Described = JsonSchema & { readonly default?: unknown; readonly enum?: readonly unknown[] };

/** Every key below a schema, each before those that it holds. */
export function schemaKeys(schema: JsonSchema, path: string): SchemaKey[] {
  const alternatives = objectsIn(schema);
  const keys = alternatives.flatMap((each) => {
    const only = alternatives.length > 1 ? choiceOf(each) : undefined;
    return Object.entries(each.properties ?? {}).flatMap(([name, value]) => {
      const own = keyOf(value, `${path}.${name}`, only);
      return [own, ...below(value, `${path}.${name}`, only)];
    });
  });
  return merged(keys, alternatives.length).concat(alternatives.flatMap((each) => ofNamed(each, path)));
}

function below(value: JsonSchema, path: string, only: string | undefined): SchemaKey[] {
  return schemaKeys(value, path).map((key) => ({ ...key, onlyWith: [...key.onlyWith, ...(only ? [only] : [])] }));
}

function ofNamed({ additionalProperties }: JsonSchema, path: string): SchemaKey[] {
  return typeof additionalProperties === 'object' ? schemaKeys(additionalProperties, `${path}.NAME`) : [];
}

function keyOf(value: Described, path: string, only: string | undefined): SchemaKey {
  return {
    path,
    meaning: value.description ?? '',
    ...(value.default === undefined ? {} : { byDefault: canonicalJson(value.default).replaceAll('"', '') }),
    choices: (value.const === undefined ? (value.enum ?? []) : [value.const]).map(String),
    onlyWith: only && value.const === undefined ? [only] : [],
  };
}

/** The maps that a value may be, through lists and alternatives. */
function objectsIn(schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf, items } = schema;
  const inside = anyOf ?? oneOf ?? (items === undefined ? [] : Array.isArray(items) ? items : [items as JsonSchema]);
  const isMap = schema.properties !== undefined || typeof schema.additionalProperties === 'object';
  return [...(isMap ? [schema] : []), ...inside.flatMap(objectsIn)];
}

/** The setting that tells an alternative from the others. */
function choiceOf({ properties = {} }: JsonSchema): string | undefined {
  const found = Object.entries(properties).find(([, value]) => value.const !== undefined);
  return found && `${found[0]}: ${String(found[1].const)}`;
}

/** The same key of several alternatives as one; of all of them, as one that goes with all. */
function merged(keys: readonly SchemaKey[], alternatives: number): SchemaKey[] {
  const byText = new Map<string, SchemaKey>();
  for (const key of keys) {
    const text = [key.path, key.meaning, key.byDefault].join('\n');
    const onlyWith = [...new Set([...(byText.get(text)?.onlyWith ?? []), ...key.onlyWith])];
    byText.set(text, { ...key, onlyWith });
  }
  const isEverywhere = ({ onlyWith }: SchemaKey): boolean => alternatives > 1 && onlyWith.length === alternatives;
  return [...byText.values()].map((key) => (isEverywhere(key) ? { ...key, onlyWith: [] } : key));
}
