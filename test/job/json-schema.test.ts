import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchemas } from '../../src/job/json-schema.ts';

describe('jsonSchemas', () => {
  it.each(Object.entries(jsonSchemas()))('is what %s holds; if not, run "npm run schema"', (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('describes what a writer of a job file meets first', () => {
    const job = JSON.parse(jsonSchemas()['config/schema/job.schema.json'] ?? '') as {
      properties: Record<string, { description?: string }>;
      required: string[];
    };
    const undescribed = Object.entries(job.properties).filter(([, property]) => property.description === undefined);
    expect(undescribed).toEqual([]);
    expect(job.required).toEqual(['version', 'job', 'description', 'source', 'segments']);
  });
});
