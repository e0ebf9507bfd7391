import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOCS_FILE, docsText, SCHEMA_FILE, schemaText, TWIN_SCHEMA_FILE, twinSchemaText } from '../../scripts/json-schema.ts';

const read = (file: string) => readFileSync(file, 'utf8');

describe('what is made from the schema of service files (npm run build)', () => {
  it('is up to date for editors', async () => {
    expect(read(SCHEMA_FILE)).toBe(await schemaText());
  });

  it('is up to date for people', () => {
    expect(read(DOCS_FILE)).toBe(docsText());
  });

  it('says of every field what it is', () => {
    const silent = docsText()
      .split('\n')
      .filter((line) => /^\| `/.test(line) && /\|\s*\|$/.test(line));
    expect(silent.map((line) => line.split('`')[1])).toEqual([]);
  });
});

describe('what is made from the schema of twin.json (npm run build)', () => {
  it('is up to date for editors', async () => {
    expect(read(TWIN_SCHEMA_FILE)).toBe(await twinSchemaText());
  });

  it('asks only for what has no value of its own, and describes every field', async () => {
    const schema = JSON.parse(await twinSchemaText()) as {
      required: string[];
      properties: Record<string, { description?: string }>;
    };
    expect(schema.required).toEqual(['name', 'entrypoint']);
    expect(Object.entries(schema.properties).filter(([, { description = '' }]) => description === '')).toEqual([]);
  });
});
