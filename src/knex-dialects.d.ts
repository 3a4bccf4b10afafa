/** Knex's dialects, which ours extend, have no types; each place that extends one says what it relies on. */
declare module 'knex/lib/dialects/*' {
  const part: unknown;
  export = part;
}
