import { describe, expect, it } from 'vitest';
import { parseJob } from '../../src/job/load-job.ts';
import { sampleJob } from './sample-job.ts';

function mistakesWith(ruleTag: string, job = sampleJob): string[] {
  const parsed = parseJob(`${job}${ruleTag}`, 'jobs/opportunities.yaml');
  return 'mistakes' in parsed ? parsed.mistakes.map(({ path, message }) => `${path}: ${message}`) : [];
}

const rules = (segment: string, when: string, otherwise = 'win_back'): string =>
  `rule_tag: { rules: [{ segment: ${segment}, when: ${when} }], otherwise: ${otherwise} }\n`;

describe('rule_tag of a job', () => {
  it('names segments that the job publishes, and columns that it has', () => {
    expect(mistakesWith(rules('abm', 'value >= 8000'))).toEqual([]);
    expect(mistakesWith(rules('amb', 'value >= 8000', 'winback'))).toEqual([
      'rule_tag.rules[0].segment: no label publishes "amb", so nobody could agree',
      'rule_tag.otherwise: no label publishes "winback", so nobody could agree',
    ]);
    expect(mistakesWith(rules('abm', 'valu >= 8000'))).toEqual([
      'rule_tag.rules[0].when: "valu" is not in source.columns',
    ]);
  });

  it('may name a label that is divided, and those that it is divided into', () => {
    const divided = sampleJob.replace(
      'prototype: { value: 95 } }',
      `prototype: { value: 95 }, children: { k: 2, labels: [
      { segment: big, name: Big, prototype: { value: 75 } }, { segment: fair, name: Fair, prototype: { value: 25 } }] } }`,
    );
    expect(mistakesWith(rules('abm', 'value >= 8000', 'fair'), divided)).toEqual([]);
  });

  it('has nothing to compare with where the segments are rules', () => {
    const byRules = sampleJob
      .replace(/features:[^]*?segments:.*\n/, 'segments: { method: rules, rules: [], otherwise: win_back }\n')
      .replace('rules: []', "rules: [{ segment: abm, when: 'value > 1' }]")
      .replaceAll(/, prototype: \{.*?\}/g, '')
      .replace('outliers: { columns: [value], method: iqr, factor: 3, action: tag }\n', '')
      .replace(/ {2}- \{ segment: key_account.*\n/, '');
    expect(mistakesWith('', byRules)).toEqual([]);
    expect(mistakesWith(rules('abm', 'value >= 8000'), byRules)).toEqual(['rule_tag: the segments are rules already']);
  });
});
