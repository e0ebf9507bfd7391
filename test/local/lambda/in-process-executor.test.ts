import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { quiet } from '../../../local/kernel/quiet.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import { InProcessExecutor } from '../../../local/services/lambda/in-process-executor.ts';
import type { Job } from '../../../local/services/lambda/function.ts';
import type { LoopbackRequest } from '../../../local/services/lambda/scope.ts';

let directory: string;
let time: VirtualClock;
let logged: string[];
let executors: InProcessExecutor[];
let asked: LoopbackRequest[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  time = new VirtualClock({ start: Date.UTC(2031, 4, 5), settle: () => quiet(() => executors.some((one) => one.isImporting)) });
  executors = [];
  logged = [];
  asked = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

type Fate = 'lives' | 'dies before' | 'dies after';

const open = (fate: (index: number) => Fate = () => 'lives', seed = 7) => {
  let calls = 0;
  const executor = new InProcessExecutor({
    world: {
      time,
      random: createRandom(seed),
      trace: { add: () => undefined },
      account: { id: '1', region: 'eu-west-1', partition: 'aws', zones: [], endpoint: 'http://127.0.0.1:4566' },
    },
    logs: { write: (_group, _stream, line) => void logged.push(line) },
    dispatch: async (request, invocation) => {
      const fated = fate(calls++);
      if (fated === 'dies before') {
        executor.kill(invocation);
        return new Promise(() => undefined);
      }
      asked.push(request);
      if (fated === 'dies after') executor.kill(invocation);
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from(`answer ${asked.length}`) };
    },
  });
  executors.push(executor);
  return executor;
};

const job = (code: string, over: Partial<Job['fn']> = {}): Job => {
  writeFileSync(join(directory, 'index.mjs'), code);
  return {
    fn: {
      name: 'f',
      arn: 'arn:aws:lambda:eu-west-1:1:function:f',
      role: 'r',
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      codeDirectory: directory,
      memoryMiB: 256,
      timeoutMs: 3000,
      environment: { TABLE: 'releases' },
      architecture: 'arm64',
      description: '',
      logGroup: '/aws/lambda/f',
      logFormat: 'Text',
      declaredAt: 0,
      ...over,
    },
    version: '3',
    invokedArn: 'arn:aws:lambda:eu-west-1:1:function:f:3',
    requestId: 'request-1',
    payload: { a: 1 },
  };
};

const ask = `import { request } from 'node:http';
const ask = (path) => new Promise((done, failed) => {
  const asked = request({ host: '127.0.0.1', port: 4566, method: 'POST', path, headers: { 'X-Test': 'y' } }, (answer) => {
    let text = ''; answer.on('data', (chunk) => { text += chunk; }); answer.on('end', () => done(answer.statusCode + ' ' + text));
  });
  asked.on('error', failed); asked.end('hello');
});
`;

describe('a function in process', () => {
  it('gets its event, context and environment, and answers through JSON', async () => {
    const code = `export const handler = async (event, context) => ({ event, table: process.env.TABLE, home: process.env.HOME, id: context.awsRequestId,
      left: context.getRemainingTimeInMillis(), gone: undefined, when: new Date() });`;
    expect(await open().run(job(code))).toEqual({
      kind: 'returned',
      payload: { event: { a: 1 }, table: 'releases', id: 'request-1', left: 3000, when: '2031-05-05T00:00:00.000Z' },
    });
    expect(process.env.TABLE).toBeUndefined();
  });

  it('reads its environment at the top of the module too', async () => {
    const code = `const table = process.env.TABLE; const at = Date.now(); export const handler = () => ({ table, at });`;
    expect(await open().run(job(code))).toMatchObject({ payload: { table: 'releases', at: time.now() } });
  });

  it('keeps its module from one invocation to the next, and never shares it between two at once', async () => {
    const code = `let n = 0; export const handler = async (event) => { n += 1; const mine = n; if (event.wait) await new Promise((go) => setTimeout(go, 1000)); return mine; };`;
    const executor = open();
    const slow = job(code);
    const first = executor.run({ ...slow, payload: { wait: true } });
    await time.advanceBy(10);
    expect(await executor.run(slow)).toMatchObject({ payload: 1 });
    expect(await executor.run(slow)).toMatchObject({ payload: 2 });
    await time.advanceBy(1000);
    expect(await first).toMatchObject({ payload: 1 });
  });

  it('sleeps in account time', async () => {
    const code = `import { setTimeout as sleep } from 'node:timers/promises';
      export const handler = async () => { const t = Date.now(); await sleep(700); await new Promise((go) => { const id = Number(setTimeout(go, 900)); setTimeout(() => clearTimeout(id), 100); setTimeout(go, 300); }); return Date.now() - t; };`;
    const outcome = open().run(job(code));
    await time.advanceBy(2000);
    expect(await outcome).toEqual({ kind: 'returned', payload: 1000 });
  });

  it('draws its chance from the seed', async () => {
    const code = `import { randomUUID, randomBytes } from 'node:crypto'; export const handler = () => [Math.random(), randomUUID(), crypto.randomUUID(), randomBytes(4).toString('hex'), [...crypto.getRandomValues(new Uint8Array(4))]];`;
    const [one, same, other] = await Promise.all([
      open().run(job(code)),
      open().run(job(code)),
      open(undefined, 8).run(job(code)),
    ]);
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  it('says in its log what Lambda says, at account time', async () => {
    await open().run(
      job(
        `export const handler = () => { console.log('told %s', 'once'); console.error(new Error('two\\nlines').message); process.stdout.write('as it is\\n'); };`,
      ),
    );
    expect(logged).toEqual([
      'START RequestId: request-1 Version: 3',
      '2031-05-05T00:00:00.000Z\trequest-1\tINFO\ttold once',
      '2031-05-05T00:00:00.000Z\trequest-1\tERROR\ttwo\rlines',
      'as it is',
      'END RequestId: request-1',
      'REPORT RequestId: request-1\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 256 MB',
    ]);
  });

  it('fails with the name and message of what it threw', async () => {
    const code = `export const handler = async () => { const error = new Error('moved'); error.name = 'FenceMoved'; throw error; };`;
    expect(await open().run(job(code))).toMatchObject({
      kind: 'failed',
      errorType: 'FenceMoved',
      errorMessage: 'moved',
      payload: { errorType: 'FenceMoved', errorMessage: 'moved' },
    });
  });

  it.each([
    ['a missing file', 'other.handler', 'Runtime.ImportModuleError'],
    ['a missing export', 'index.nothing', 'Runtime.HandlerNotFound'],
  ])('names %s', async (_what, handler, errorType) => {
    expect(await open().run(job('export const handler = 1;', { handler }))).toMatchObject({ errorType });
  });

  it('is ended at its timeout, and what it would have done later never happens', async () => {
    const code = `${ask} export const handler = async () => { await new Promise((go) => setTimeout(go, 5000)); await ask('/late'); };`;
    const outcome = open().run(job(code));
    await time.advanceBy(10_000);
    expect(await outcome).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-1 Error: Task timed out after 3.00 seconds',
    });
    expect(asked).toEqual([]);
    expect(time.entries).toBe(0);
  });
});

describe('calls of a function in process', () => {
  const twice = `${ask} export const handler = async () => [await ask('/one?x=1'), await ask('/two')];`;

  it('are answered without a socket', async () => {
    expect(await open().run(job(twice))).toEqual({ kind: 'returned', payload: ['200 answer 1', '200 answer 2'] });
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/one?x=1', host: '127.0.0.1:4566', headers: { 'x-test': 'y' } });
    expect(Buffer.from(asked[0]!.body).toString()).toBe('hello');
  });

  it.each([
    ['dies before' as const, 0, []],
    ['dies after' as const, 0, ['/one?x=1']],
    ['dies before' as const, 1, ['/one?x=1']],
    ['dies after' as const, 1, ['/one?x=1', '/two']],
  ])('may be its last: %s call %d', async (fate, last, reached) => {
    const executor = open((index) => (index === last ? fate : 'lives'));
    expect(await executor.run(job(twice))).toMatchObject({ kind: 'failed', errorType: 'Runtime.ExitError' });
    expect(asked.map(({ path }) => path)).toEqual(reached);
    expect(await executor.run(job(twice))).toMatchObject({ kind: 'returned' });
  });

  it('hears no answer any more when it has died', async () => {
    const code = `${ask} export const handler = async () => { await ask('/one'); console.log('heard'); };`;
    await open(() => 'dies after').run(job(code));
    await time.advanceBy(1000);
    expect(logged.filter((line) => line.includes('heard'))).toEqual([]);
  });

  it('ends its parallel work too', async () => {
    const code = `${ask} export const handler = () => Promise.all([ask('/one'), ask('/two'), new Promise((go) => setTimeout(go, 50)).then(() => ask('/three'))]);`;
    const executor = open((index) => (index === 0 ? 'dies before' : 'lives'));
    expect(await executor.run(job(code))).toMatchObject({ errorType: 'Runtime.ExitError' });
    await time.advanceBy(1000);
    expect(asked).toEqual([]);
  });
});
