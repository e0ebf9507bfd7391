/** One esbuild call makes all bundles: build/lambda/<name>/index.mjs, minified ESM with source maps, the SDK inside. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
export const BUNDLES = join(ROOT, 'build', 'lambda');

/** A function is a folder of lambdas/ with a contract. */
function functionNames(): readonly string[] {
  const lambdas = join(ROOT, 'lambdas');
  return readdirSync(lambdas).filter((name) => existsSync(join(lambdas, name, 'contract.ts')) && name !== 'shared');
}

const handlerOf = (name: string) => join(ROOT, 'lambdas', name, 'handler.ts');

export async function buildFunctions(folder: string = BUNDLES): Promise<readonly string[]> {
  const names = functionNames();
  const missing = names.filter((name) => !existsSync(handlerOf(name)));
  if (missing.length > 0)
    throw new Error(
      `These functions have a contract and no handler: ${missing.map((name) => `lambdas/${name}/handler.ts`).join(', ')}. ` +
        'Write the handler, or remove the folder.',
    );
  const { outputFiles } = await build({
    entryPoints: names.map((name) => ({ in: handlerOf(name), out: `${name}/index` })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The SDK's ES modules lose what is unused; its CommonJS files, which esbuild would take for node, keep all.
    mainFields: ['module', 'main'],
    // Some packages are CommonJS inside and call require, which an ES module does not have. The minifier does not know the
    // banner's names and gives out short ones: a long one is nobody else's.
    banner: { js: "import{createRequire as requireOfBundle}from'node:module';const require=requireOfBundle(import.meta.url);" },
    logLevel: 'warning',
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  removeOthers(folder, names);
  return names;
}

/** Somebody may be reading the bundles meanwhile: a file is replaced as a whole, and only where it differs. */
function replaceFile(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const written = `${path}.${process.pid}`;
  writeFileSync(written, contents);
  renameSync(written, path);
}

function removeOthers(folder: string, names: readonly string[]): void {
  const others = readdirSync(folder).filter((name) => !names.includes(name));
  for (const name of others) rmSync(join(folder, name), { recursive: true });
}
