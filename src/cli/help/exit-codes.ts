/** What each exit code of a command says, for help and docs. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done, also when nothing changed',
  1: 'a bug: please report it',
  2: 'usage, job file, SQL, connections file, missing grant, schema not migrated, read-only CRM',
  3: 'data: a check failed, an empty read, a wrong column, a NaN, repeated customers',
  4: 'warehouse or CRM unreachable, killed or timed out: try again later',
  5: 'held by a guard or a mandatory label',
  6: 'the CRM refused rows; everything was rolled back',
  7: 'this job is already running',
  8: 'stale plan, a date older than what is published, or changes that have been pruned',
  9: '`verify` found rows that differ from what was published; `status --check`, an overdue job',
  10: '`plan --detailed-exitcode` found changes',
  130: 'interrupted; nothing was published',
  143: 'terminated; nothing was published',
};
