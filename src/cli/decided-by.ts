import { hostname, userInfo } from 'node:os';

/** Who types this command, for the audit trail: the user and the machine. */
export function decidedBy(): string {
  return `${userName()}@${hostname()}`;
}

/** A container may run as a user without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
