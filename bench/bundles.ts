/** Size and cold import of each function's bundle, against a bundle that only makes a DynamoDB client. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { median, type Bench, type Row } from './bench.ts';

const root = path.resolve(import.meta.dirname, '..');
const RUNS = 7;

/** Milliseconds a fresh process needs to import the file; the functions read their environment first, so it is given. */
function coldImport(file: string): number {
  const script = `const t=performance.now();process.env=new Proxy(process.env,{get:(e,k)=>e[k]??(String(k).startsWith('AWS')||typeof k!=='string'||!/^[A-Z_]+$/.test(k)?undefined:'[]'),has:()=>true});import(${JSON.stringify(file)}).then(()=>console.log(performance.now()-t))`;
  const times = Array.from({ length: RUNS }, () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, AWS_REGION: 'eu-west-1' },
    });
    if (child.status !== 0) throw new Error(`${file} cannot be imported: ${child.stderr}`);
    return Number(child.stdout);
  });
  return median(times);
}

async function measure(file: string) {
  const bytes = await readFile(file);
  return { kib: bytes.length / 1024, gzipKib: gzipSync(bytes).length / 1024, importMs: coldImport(file) };
}

async function bareClient(folder: string): Promise<string> {
  const outfile = path.join(folder, 'bare.mjs');
  await writeFile(
    path.join(folder, 'bare.ts'),
    `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nexport const client = new DynamoDBClient();\n`,
  );
  await build({
    entryPoints: [path.join(folder, 'bare.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    nodePaths: [path.join(root, 'node_modules')],
    banner: { js: `import{createRequire as __c}from'node:module';const require=__c(import.meta.url);` },
  });
  return outfile;
}

export const bundles: Bench = {
  name: 'bundles',
  summary: 'size and cold import of each function',
  yardstick: 'a bundle that only makes a DynamoDB client',
  async run() {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tandem-bench-'));
    try {
      const bare = await measure(await bareClient(folder));
      const rows: Row[] = [{ what: 'bare client', value: describe(bare), ratio: 1 }];
      for (const name of (await readdir(path.join(root, 'build/lambda'))).sort()) {
        const one = await measure(path.join(root, 'build/lambda', name, 'index.mjs'));
        rows.push({ what: name, value: describe(one), ratio: one.gzipKib / bare.gzipKib });
      }
      return rows;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const describe = (one: { kib: number; gzipKib: number; importMs: number }) =>
  `${one.kib.toFixed(0)} KiB, ${one.gzipKib.toFixed(0)} KiB gzip, import ${one.importMs.toFixed(0)} ms`;
