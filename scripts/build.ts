/** npm run build: the functions' bundles, what is made from the files' schemas, and dist/ with its declarations. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions } from './build-functions.ts';
import { writeServiceDocs } from './json-schema.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

const names = await buildFunctions();
await writeServiceDocs();
rmSync(DIST, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(ROOT, 'tsconfig.build.json')],
  {
    stdio: 'inherit',
  },
);
console.log(`built ${names.length} functions, services/service.schema.json, twin/twin.schema.json, docs/services.md, dist/`);
