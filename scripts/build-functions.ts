/** One esbuild call makes all bundles: build/lambda/<name>/index.mjs, minified ESM with source maps, the SDK inside. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
export const BUNDLES = join(ROOT, 'build', 'lambda');

/** A function is a folder of lambdas/ with a contract. */
function functionNames(): readonly string[] {
  const lambdas = join(ROOT, 'lambdas');
  return readdirSync(lambdas).filter((name) => name !== 'shared' && existsSync(join(lambdas, name, 'contract.ts')));
}

function entryOf(name: string): string {
  return join(ROOT, 'lambdas', name, 'handler.ts');
}

export async function buildFunctions(): Promise<readonly string[]> {
  const names = functionNames();
  const missing = names.filter((name) => !existsSync(entryOf(name)));
  if (missing.length > 0)
    throw new Error(
      `These functions have a contract and no handler: ${missing.map((name) => `lambdas/${name}/handler.ts`).join(', ')}. ` +
        'Write the handler, or remove the folder.',
    );
  rmSync(BUNDLES, { recursive: true, force: true });
  await build({
    entryPoints: names.map((name) => ({ in: entryOf(name), out: `${name}/index` })),
    outdir: BUNDLES,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Some packages are CommonJS inside and call require, which an ES module does not have.
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    logLevel: 'warning',
  });
  return names;
}
