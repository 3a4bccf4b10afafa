import { isRecord } from './plain-value.ts';
import type { Path } from './yaml-text.ts';

/** The part of JSON Schema that zod writes and that error messages are made from. */
export type JsonSchema = {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
};

/** The keys that the map at `path` may have; of alternatives, those that fit the `data` found there. */
export function allowedKeys(schema: JsonSchema, path: Path, data: unknown): string[] {
  const { schemas, value } = walk(schema, path, data);
  const keys = fitting(schemas, value).flatMap((each) => Object.keys(each.properties ?? {}));
  return [...new Set(keys)];
}

/** What the schema says about the value at `path`. */
export function descriptionAt(schema: JsonSchema, path: Path, data: unknown): string | undefined {
  return walk(schema, path, data).schemas.find((each) => each.description !== undefined)?.description;
}

function walk(schema: JsonSchema, path: Path, data: unknown): { schemas: readonly JsonSchema[]; value: unknown } {
  let schemas: readonly JsonSchema[] = [schema];
  let value = data;
  for (const part of path) {
    schemas = fitting(schemas, value).flatMap((each) => child(each, part));
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[part] : undefined;
  }
  return { schemas, value };
}

function child(schema: JsonSchema, part: string | number): readonly JsonSchema[] {
  if (typeof part === 'number') {
    const { items } = schema;
    if (items === undefined) return [];
    return isList(items) ? items.slice(part, part + 1) : [items];
  }
  const property = schema.properties?.[part];
  if (property) return [property];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}

function isList(items: JsonSchema | readonly JsonSchema[]): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

/** Alternatives spread out, without those whose constant properties (`check: unique`) the value contradicts. */
function fitting(schemas: readonly JsonSchema[], value: unknown): readonly JsonSchema[] {
  return schemas.flatMap((schema) => {
    const alternatives = schema.anyOf ?? schema.oneOf;
    return alternatives
      ? fitting(
          alternatives.filter((each) => !contradicts(each, value)),
          value,
        )
      : [schema];
  });
}

function contradicts(schema: JsonSchema, value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.entries(schema.properties ?? {}).some(
    ([key, property]) => property.const !== undefined && key in value && value[key] !== property.const,
  );
}
