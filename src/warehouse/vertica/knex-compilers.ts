import QueryBase from 'knex/lib/dialects/redshift/query/redshift-querycompiler.js';
import ColumnBase from 'knex/lib/dialects/redshift/schema/redshift-columncompiler.js';
import SchemaBase from 'knex/lib/dialects/redshift/schema/redshift-compiler.js';

type Bindings = unknown[];
type CatalogResponse = { readonly rows: readonly Record<string, unknown>[] };
type CatalogQuery = { sql: string; bindings: Bindings; output(response: CatalogResponse): unknown };

/** What is used of Knex's compilers, which have no types of their own. */
type QueryCompiler = {
  readonly tableName: string;
  readonly single: {
    readonly columnInfo?: string;
    readonly table: string;
    readonly schema?: string;
    readonly onConflict?: unknown;
    readonly returning?: unknown;
  };
  insert(): unknown;
  update(): unknown;
  del(): unknown;
};
type SchemaCompiler = { readonly schema?: string; pushQuery(query: CatalogQuery): void };
type ColumnCompiler = Record<string, unknown>;
type Compiler<Instance> = new (...parts: unknown[]) => Instance;

const RedshiftQueryCompiler = QueryBase as Compiler<QueryCompiler>;
const RedshiftSchemaCompiler = SchemaBase as Compiler<SchemaCompiler>;
const RedshiftColumnCompiler = ColumnBase as Compiler<ColumnCompiler>;

function refuse(what: string, instead: string): never {
  throw new Error(`Vertica has no ${what}: ${instead}.`);
}

const noLock = (): never => refuse('lock of single rows', 'take the whole table with LOCK TABLE, or go without');
const noJson = (): never => refuse('operators for JSON', 'use MAPLOOKUP over MAPJSONEXTRACTOR in raw SQL');

/** Knex's queries as Vertica takes them; what it doesn't take is refused before it is sent. */
export class VerticaQueryCompiler extends RedshiftQueryCompiler {
  override insert(): unknown {
    if (this.single.onConflict !== undefined)
      refuse('ON CONFLICT', 'its keys are not enforced, so write the MERGE with the condition that you mean');
    return this.#withoutReturning(super.insert());
  }

  override update(): unknown {
    return this.#withoutReturning(super.update());
  }

  override del(): unknown {
    return this.#withoutReturning(super.del());
  }

  truncate(): string {
    return `truncate table ${this.tableName}`;
  }

  columnInfo(): CatalogQuery {
    const { table, schema, columnInfo } = this.single;
    const { sql, bindings } = catalogQuery('columns', { table_name: table, table_schema: schema });
    const output = ({ rows }: CatalogResponse): unknown => {
      const described = rows.map((row) => [
        row['column_name'],
        {
          type: row['data_type'],
          maxLength: row['character_maximum_length'],
          nullable: row['is_nullable'],
          defaultValue: row['column_default'],
        },
      ]);
      const columns = Object.fromEntries(described) as Record<string, unknown>;
      return columnInfo === undefined ? columns : columns[columnInfo];
    };
    return { sql, bindings, output };
  }

  distinctOn(): never {
    return refuse('DISTINCT ON', 'use LIMIT 1 OVER (PARTITION BY … ORDER BY …) in raw SQL');
  }

  forUpdate = noLock;
  forShare = noLock;
  forNoKeyUpdate = noLock;
  forKeyShare = noLock;
  jsonExtract = noJson;
  jsonSet = noJson;
  jsonInsert = noJson;
  jsonRemove = noJson;
  whereJsonObject = noJson;
  whereJsonPath = noJson;
  whereJsonSupersetOf = noJson;
  whereJsonSubsetOf = noJson;
  onJsonPathEquals = noJson;

  #withoutReturning<Compiled>(compiled: Compiled): Compiled {
    if (this.single.returning !== undefined) refuse('RETURNING', 'read the rows again by their key');
    return compiled;
  }
}

/** Asks v_catalog what is there, in place of information_schema. */
export class VerticaSchemaCompiler extends RedshiftSchemaCompiler {
  hasTable(table: string): void {
    this.#exists('tables', { table_name: table });
  }

  hasColumn(table: string, column: string): void {
    this.#exists('columns', { table_name: table, column_name: column });
  }

  #exists(view: 'tables' | 'columns', names: Readonly<Record<string, string>>): void {
    const { sql, bindings } = catalogQuery(view, { ...names, table_schema: this.schema });
    this.pushQuery({ sql, bindings, output: ({ rows }) => rows.length > 0 });
  }
}

/** Names are compared without regard to case, as Vertica does. */
function catalogQuery(
  view: 'tables' | 'columns',
  names: Readonly<Record<string, string | undefined>>,
): { sql: string; bindings: Bindings } {
  const given = Object.entries(names).filter(([, name]) => name !== undefined);
  const conditions = given.map(([column]) => `lower(${column}) = lower(?)`);
  if (names['table_schema'] === undefined) conditions.push('table_schema = current_schema()');
  return {
    sql: `select * from v_catalog.${view} where ${conditions.join(' and ')}`,
    bindings: given.map(([, name]) => name),
  };
}

/** Column types by the names that Vertica has for them. */
export const VerticaColumnCompiler: Compiler<ColumnCompiler> = class extends RedshiftColumnCompiler {};
const identity = ({ primaryKey = true } = {}): string => `identity(1,1)${primaryKey ? ' primary key' : ''}`;
Object.assign(VerticaColumnCompiler.prototype, {
  increments: identity,
  bigincrements: identity,
  text: 'long varchar',
  mediumtext: 'long varchar',
  longtext: 'long varchar',
  set: 'long varchar',
  uuid: 'uuid',
  json: noJson,
  jsonb: noJson,
  binary: (length?: number) => (length === undefined ? 'varbinary' : `varbinary(${length})`),
  varbinary: (length?: number) => (length === undefined ? 'varbinary' : `varbinary(${length})`),
  tinyblob: 'varbinary(256)',
  blob: 'long varbinary',
  mediumblob: 'long varbinary',
  longblob: 'long varbinary',
});
