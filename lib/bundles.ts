import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's own folder, seen from the source as from the compiled output. */
function packageFolder(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('The folder of the package tandem was not found.');
  return packageFolder(parent);
}

/** Where the bundles of the functions are, one folder each. */
export const bundlesFolder = () => join(packageFolder(), 'build', 'lambda');
