export type SessionSettings = {
  /**
   * True for reading only, in one transaction that sees one snapshot. READ COMMITTED, Vertica's usual level,
   * lets each statement see what was committed before it: two queries of one job would see two states.
   * SERIALIZABLE is the only other level. Its shared locks keep loads of the tables that were read waiting until
   * the session ends, so it must end as soon as the last read is done. Without autocommit the first query
   * opens the transaction and nothing else ends it. False: every statement is committed at once.
   */
  readonly snapshot: boolean;
  readonly searchPath?: readonly string[] | undefined;
  /** The server's own limit for each statement, should this process die. */
  readonly runtimeCapSeconds?: number | undefined;
};

/** The statements that settle a new session. The server's default is no autocommit, which the driver leaves. */
export function settingStatements({ snapshot, searchPath = [], runtimeCapSeconds }: SessionSettings): string[] {
  const path = searchPath.map((schema) => `"${schema.replaceAll('"', '""')}"`).join(', ');
  return [
    `SET SESSION AUTOCOMMIT TO ${snapshot ? 'OFF' : 'ON'}`,
    ...(snapshot
      ? [
          'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE',
          'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
        ]
      : []),
    'SET DATESTYLE TO ISO',
    ...(path === '' ? [] : [`SET SEARCH_PATH TO ${path}`]),
    ...(runtimeCapSeconds === undefined ? [] : [runtimeCap(runtimeCapSeconds)]),
  ];
}

/** Limits the statements to come; the server counts whole seconds, up to a year. */
export function runtimeCap(seconds: number): string {
  return `SET SESSION RUNTIMECAP '${Math.min(Math.ceil(seconds), 365 * 86_400)} seconds'`;
}
