// Ends the output of `.ci/run`: each test that failed with the beginning of its message, then the counts of all reports.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));

for (const { testResults } of reports) {
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative('.', name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of failed) {
      console.log(`FAILED ${file} > ${fullName}\n${beginning(failureMessages.join('\n'))}`);
    }
    if (status === 'failed' && failed.length === 0) console.log(`FAILED ${file}\n${beginning(message)}`);
  }
}

console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed, ${sum('numPendingTests') + sum('numTodoTests')} skipped`,
);

function beginning(message) {
  return message
    .split('\n')
    .slice(0, 20)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');
}

function sum(key) {
  return reports.reduce((total, report) => total + report[key], 0);
}
