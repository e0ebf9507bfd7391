/** What package.json says of itself: its scripts say which Node they need, and each dependency has its reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8');

type Names = Readonly<Record<string, string>>;
const { scripts, ...manifest } = JSON.parse(read('package.json')) as {
  scripts: Names;
  dependencies: Names;
  peerDependencies: Names;
  devDependencies: Names;
  optionalDependencies: Names;
};

describe('every npm script', () => {
  it('says first what to do where Node is too old', () => {
    const unchecked = Object.entries(scripts).filter(
      ([, line]) => !line.startsWith('node scripts/require-node.js && ') && !line.startsWith('npm run '),
    );
    expect(unchecked).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  const documented = [...read('docs/dependencies.md').matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  const { dependencies, peerDependencies, devDependencies, optionalDependencies } = manifest;
  const installed = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies, ...optionalDependencies });
  const covers = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

  it('has the reason of every package there is, types apart', () => {
    const typed = (name: string) => name.startsWith('@types/');
    expect(installed.filter((name) => !typed(name) && !documented.some((pattern) => covers(pattern, name)))).toEqual([]);
  });

  it('names no package that is gone', () => {
    expect(documented.filter((pattern) => !installed.some((name) => covers(pattern, name)))).toEqual([]);
  });
});
