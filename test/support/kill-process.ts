import { onEachStatement } from './statement-hook.ts';

// Loaded ahead of the command line: kills the process before its n-th statement to the CRM.
const at = Number(process.env.SEGTAG_TEST_KILL_AT);
let statements = 0;
onEachStatement(() => {
  statements++;
  if (statements === at) process.kill(process.pid, 'SIGKILL');
});
