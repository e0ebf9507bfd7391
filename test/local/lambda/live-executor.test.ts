import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveClock } from '../../../local/kernel/clock-live.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import { LiveExecutor } from '../../../local/services/lambda/live-executor.ts';
import type { Job } from '../../../local/services/lambda/function.ts';

let directory: string;
let logged: string[];
let executor: LiveExecutor;
const speed = 1000;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  logged = [];
  const time = new LiveClock({ speed, start: Date.UTC(2031, 4, 5), onError: () => undefined });
  executor = new LiveExecutor({
    world: {
      time,
      random: createRandom(1),
      trace: { add: () => undefined },
      account: { id: '1', region: 'eu-west-1', partition: 'aws', zones: [], endpoint: 'http://127.0.0.1:4566' },
    },
    logs: { write: (_group, _stream, line) => void logged.push(line) },
    speed,
  });
});
afterEach(async () => {
  await executor.stop();
  rmSync(directory, { recursive: true });
});

const job = (code: string, over: Partial<Job['fn']> = {}, payload: unknown = { a: 1 }): Job => {
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
    payload,
  };
};

describe('a function in a worker thread', () => {
  it('gets its event, context and environment, and nothing of the machine', async () => {
    const code = `export const handler = async (event, context) => ({ event, table: process.env.TABLE, home: process.env.HOME, url: process.env.AWS_ENDPOINT_URL, name: context.functionName });`;
    expect(await executor.run(job(code))).toEqual({
      kind: 'returned',
      payload: { event: { a: 1 }, table: 'releases', url: 'http://127.0.0.1:4566', name: 'f' },
    });
  });

  it('lives in account time, which its timers do not', async () => {
    const code = `export const handler = async () => { const at = Date.now(); await new Promise((go) => setTimeout(go, 20)); return { year: new Date(at).getUTCFullYear(), passed: Date.now() - at }; };`;
    const outcome = await executor.run(job(code));
    expect(outcome).toMatchObject({ kind: 'returned', payload: { year: 2031 } });
    const { passed } = outcome.payload as { passed: number };
    expect(passed).toBeGreaterThanOrEqual(19 * speed);
  });

  it('keeps its module from one invocation to the next, and never shares it between two at once', async () => {
    const code = `let n = 0; export const handler = async () => { n += 1; await new Promise((go) => setTimeout(go, 5)); return n; };`;
    const at = job(code);
    const both = await Promise.all([executor.run(at), executor.run(at)]);
    expect(both.map(({ payload }) => payload)).toEqual([1, 1]);
    expect(await executor.run(at)).toMatchObject({ payload: 2 });
  });

  it('says what it says to its log', async () => {
    await executor.run(
      job(`export const handler = () => { console.log('told %s', 'once'); process.stdout.write('as it is\\n'); };`),
    );
    expect(logged.map((line) => line.replace(/^.*\trequest-1/, 'request-1').replace(/Duration.*/, ''))).toEqual([
      'START RequestId: request-1 Version: 3',
      'request-1\tINFO\ttold once',
      'as it is',
      'END RequestId: request-1',
      'REPORT RequestId: request-1\t',
    ]);
  });

  it('fails with the name and message of what it threw', async () => {
    const code = `export const handler = async () => { const error = new Error('moved'); error.name = 'FenceMoved'; throw error; };`;
    expect(await executor.run(job(code))).toMatchObject({ kind: 'failed', errorType: 'FenceMoved', errorMessage: 'moved' });
  });

  it('is ended at its timeout, even in a loop without end, and starts anew afterwards', async () => {
    const code = `let n = 0; export const handler = (event) => { n += 1; if (event.hang) for (;;); return n; };`;
    expect(await executor.run(job(code, { timeoutMs: 150 }, { hang: true }))).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-1 Error: Task timed out after 0.15 seconds',
    });
    expect(await executor.run(job(code))).toMatchObject({ payload: 1 });
  });

  it.each([
    ['process.exit', `export const handler = () => process.exit(3);`, 'Runtime.ExitError'],
    ['a module that throws', `throw new TypeError('no'); export const handler = () => 1;`, 'TypeError'],
    [
      'an error nobody catches',
      `export const handler = () => new Promise(() => setTimeout(() => { throw new RangeError('late'); }, 1));`,
      'RangeError',
    ],
    [
      'more memory than it has',
      `export const handler = () => { const all = []; for (;;) all.push(new Array(1e5).fill(1.5)); };`,
      'Runtime.OutOfMemory',
    ],
  ])('reports %s', async (_what, code, errorType) => {
    expect(await executor.run(job(code, { memoryMiB: 128, timeoutMs: 15_000 }))).toMatchObject({ kind: 'failed', errorType });
  });
});
