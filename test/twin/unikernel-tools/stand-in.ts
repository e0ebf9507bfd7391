/** A program that stands in for ops or kraft: it writes down how it was called, and does what its script says. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Seen {
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The script is JavaScript with `args` and `fs`. */
export async function standIn(bin: string, name: string, script: string) {
  await mkdir(bin, { recursive: true });
  const [program, log] = [join(bin, name), join(bin, `${name}.log`)];
  const text = `#!${process.execPath}
const fs = require('node:fs'), path = require('node:path');
const args = process.argv.slice(2);
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ arguments: args, directory: process.cwd(), environment: process.env }) + '\\n');
${script}`;
  await writeFile(program, text);
  await chmod(program, 0o755);
  const calls = async (): Promise<readonly Seen[]> =>
    (await readFile(log, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Seen);
  return { program, calls };
}
