/** Who may import whom, where time and chance may be read, how long a file may be, and that the README knows the rooms. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** Made by scripts, not written. */
const MADE = new Set(['node_modules', 'dist', 'build', 'cdk.out', 'coverage']);

const rooms = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !MADE.has(entry.name))
  .map(({ name }) => name);

const filesOf = (room: string) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `${room}/${name}`);

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** What a file imports: packages by name, files of ours by their path from the root. */
function importsOf(file: string): readonly string[] {
  const found = read(file).matchAll(
    /(?:^import|^export|^\} )[^'"\n]*?from ['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm,
  );
  return [...found]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .map((name) => (name.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), name)) : name));
}

/** What each room may import. A file of ours is named by its path, a package by its name; a `*` at the end takes the rest. */
const LAW: Readonly<Record<string, readonly string[]>> = {
  core: ['core/*'],
  adapters: ['adapters/*', 'core/*', '@aws-sdk/*', 'node:*'],
  lambdas: ['lambdas/shared/*', 'core/*', 'adapters/*', '@middy/*', '@aws-sdk/*', 'node:*', 'zod'],
  lib: ['lib/*', 'lambdas/shared/contract.ts', 'core/errors.ts', 'aws-cdk-lib*', 'constructs', 'node:*', 'zod'],
  bin: ['lib/*', 'aws-cdk-lib*', 'constructs', 'node:*', 'zod'],
  local: ['local/*', 'node:*', '@aws-sdk/*', '@smithy/*', 'asl-validator', 'dynalite', 'jpeg-js', 'jsonata', 'tar-stream', 'zod'],
  twin: ['twin/*', 'node:*', 'zod'],
  cli: ['cli/*', 'node:*', '@aws-sdk/*', 'zod'],
  demo: ['demo/*', 'node:*', '@aws-sdk/*'],
  examples: ['examples/*', 'node:*', 'tar-stream', 'esbuild'],
};

/** Each exception has its reason. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // The zod modules in core: synth, functions and the command line read service files by one schema.
  'core/service/service-file.ts': ['zod'],
  'core/service/declared-metric.ts': ['zod'],
  'core/service/limits.ts': ['zod'],
  // `tandem local` starts the runtime in its own process; everything else of the command line goes through AWS's protocols.
  'cli/commands/local.ts': ['local/runtime.ts'],
  // What `tandem build` makes, it makes in its own process.
  'cli/commands/build.ts': ['twin/build-twin.ts', 'twin/progress.ts', 'twin/unikernel-tools/find-tool.ts'],
  // A version that the control plane would refuse is refused before an image is made.
  'twin/build-twin.ts': ['core/release/version.ts'],
  // The demo uploads what the example's own build makes.
  'demo/processes.ts': ['examples/hello/build.ts'],
  'demo/machines.ts': ['examples/hello/twin.ts'],
  // A recorded comparison is judged by the same rule, without an account.
  'bin/judge-trace.ts': ['core/judgement/trace/judge-trace.ts', 'core/judgement/trace/parse-trace.ts'],
};

const mayImport = (room: string, file: string, imported: string) => {
  const own = room === 'lambdas' ? [`${dirname(file)}/*`] : [];
  return [...(LAW[room] ?? []), ...own, ...(EXCEPTIONS[file] ?? []), ...extra(room)].some((rule) =>
    rule.endsWith('*') ? imported.startsWith(rule.slice(0, -1)) : imported === rule,
  );
};

/** Contracts and the service file's words are what synth, functions and clients share. */
function extra(room: string): readonly string[] {
  const serviceWords = ['core/service/service-file.ts', 'core/service/service.ts'];
  const contracts = rooms.includes('lambdas')
    ? readdirSync(join(ROOT, 'lambdas')).map((name) => `lambdas/${name}/contract.ts`)
    : [];
  if (room === 'lib') return [...serviceWords, ...contracts];
  if (room === 'bin') return serviceWords;
  if (room === 'lambdas') return contracts;
  return room === 'cli' ? ['core/service/service-file.ts'] : [];
}

describe('the rooms', () => {
  it('are in the README, and no room that is gone', () => {
    const inReadme = [...read('README.md').matchAll(/^\| `(\w+)\/`/gm)].map(([, name]) => name);
    expect(inReadme.toSorted()).toEqual(rooms.toSorted());
  });

  it.each(Object.keys(LAW))('%s imports what it may', (room) => {
    const breaches = filesOf(room).flatMap((file) =>
      importsOf(file)
        .filter((imported) => !mayImport(room, file, imported))
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(breaches).toEqual([]);
  });

  it('use every exception', () => {
    const unused = Object.entries(EXCEPTIONS).flatMap(([file, names]) => names.filter((name) => !importsOf(file).includes(name)));
    expect(unused).toEqual([]);
  });
});

/** Strings and comments may speak of clocks. */
const codeOf = (file: string) =>
  read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");

describe('time and chance', () => {
  const CLOCKS =
    /\b(setTimeout|setInterval|Date\.now|Math\.random|performance\.now|randomUUID|randomBytes)\b\s*\((?!\):)|new Date\(\)/;
  /** The drivers, where account time and the machine's meet, each with why. */
  const DRIVERS: Readonly<Record<string, string>> = {
    'local/kernel/clock-live.ts': 'account time follows the wall clock here',
    'local/services/lambda/environment.ts': 'running code takes real time: the deadline of a worker thread',
    'local/services/lambda/worker.ts': 'inside the worker: account time counted from what the runtime last said',
    'local/services/lambda/in-process-executor.ts': 'names a module instance; the name is seen by nobody',
    'local/services/elbv2/edge/exchange.ts': 'the response times of real requests are real',
    'local/services/elbv2/edge/udp-listener.ts': 'flows of real datagrams end in real time',
  };

  it('come from the world in local/, save in the drivers', () => {
    const breaches = filesOf('local').filter((file) => !(file in DRIVERS) && CLOCKS.test(codeOf(file)));
    expect(breaches).toEqual([]);
  });

  it('are read in each driver that is named', () => {
    expect(Object.keys(DRIVERS).filter((file) => !CLOCKS.test(codeOf(file)))).toEqual([]);
  });

  it('are arguments in core/', () => {
    expect(filesOf('core').filter((file) => CLOCKS.test(codeOf(file)))).toEqual([]);
  });
});

describe('the code', () => {
  const sources = rooms.filter((room) => room !== 'test').flatMap(filesOf);

  it('has no file over 350 lines', () => {
    expect(sources.filter((file) => read(file).trimEnd().split('\n').length > 350)).toEqual([]);
  });

  it('has no any, no non-null assertion by comment, and silences no rule', () => {
    const silenced = /\bany\b(?=\s*[;,)>\]=|&])|@ts-(ignore|expect-error|nocheck)/;
    expect(sources.filter((file) => silenced.test(codeOf(file)) || read(file).includes('eslint-disable'))).toEqual([]);
  });

  it('has no default export', () => {
    expect(sources.filter((file) => /^export default\b/m.test(codeOf(file)))).toEqual([]);
  });
});
