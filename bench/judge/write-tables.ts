/** Puts what a bench has found into the page that tells of it, between its marks. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const JUDGEMENT_PAGE = path.resolve(import.meta.dirname, '..', '..', 'docs', 'judgement.md');

const END = '<!-- end -->';

export async function writeTables(page: string, bench: string, tables: string): Promise<void> {
  const mark = `<!-- made by "npm run bench -- ${bench}" -->`;
  const text = await readFile(page, 'utf8');
  const begin = text.indexOf(mark);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`${page} has no place for the tables: put "${mark}" and "${END}" there`);
  await writeFile(page, `${text.slice(0, begin + mark.length)}\n\n${tables}\n\n${text.slice(end)}`);
}
