import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Driver } from '../../../local/services/ec2/drivers/driver.ts';
import { createProcessDriver } from '../../../local/services/ec2/drivers/process.ts';
import { testAccount } from './account.ts';
import { call, TestLedger } from './world.ts';

const script = (body: string) => `#!/usr/bin/env node\n${body}`;

const SERVER = script(`
const server = require('node:http').createServer((request, response) => response.end('hello from ' + process.env.HOST + ' ' + process.env.USER_DATA));
server.listen(8080, process.env.HOST, () => console.log('listening'));
console.error('starting');
`);

/** Says so, stays, and does what the signal handler says. */
const staying = (onTerm: string) =>
  script(`process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => {}, 1000); console.log('staying');`);

let directory: string;
let settings: Awaited<ReturnType<typeof processAccount>>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'process-driver-'));
  settings = await processAccount();
});
afterEach(async () => {
  await settings.ec2.stop?.();
  await rm(directory, { recursive: true });
});

/** Real processes do not wait for virtual time: `told` resolves when what they say, or what becomes of them, has that text. */
async function processAccount() {
  const children = new TestLedger();
  const heard: string[] = [];
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  const hear = (text: string) => {
    heard.push(text);
    for (const one of waiting) if (heard.join('').includes(one.text)) one.resolve();
  };
  const listening = (driver: Driver): Driver => ({
    ...driver,
    boot: (guest, disks, hooks) =>
      driver.boot(guest, disks, {
        ...hooks,
        started: () => {
          hooks.started();
          hear('(started)');
        },
        console: (bytes) => {
          hooks.console(bytes);
          hear(Buffer.from(bytes).toString());
        },
        poweredOff: (why) => {
          hooks.poweredOff(why);
          hear(`(off: ${why})`);
        },
        failed: (why) => {
          hooks.failed(why);
          hear(`(failed: ${why})`);
        },
      }),
  });
  const account = await testAccount({
    drivers: (world) => [
      listening(createProcessDriver({ directory, children, time: world.time, path: process.env['PATH'] ?? '' })),
    ],
  });
  const told = async (text: string) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    waiting.push({ text, resolve: () => resolve(undefined) });
    hear('');
    await promise;
  };
  const start = async (files: Record<string, string>, over: object = {}) =>
    (await account.run(await account.imageOf(files), over))[0]!;
  const terminate = (instance: { InstanceId: string }, over: object = {}) =>
    call(account.ec2, 'TerminateInstances', { InstanceIds: [instance.InstanceId], ...over });
  return { ...account, children, told, start, terminate };
}

describe('the process driver', () => {
  it('runs the bundle on the address of its instance, and serves HTTP from it', async () => {
    const { ec2, world, start, terminate, told, children, describe: list } = settings;
    const instance = await start({ run: SERVER }, { UserData: Buffer.from('of us').toString('base64') });
    expect(instance.State.Name).toBe('pending');
    await told('listening');
    expect(await list()).toMatchObject([{ State: { Name: 'running' } }]);
    expect(children.pids.size).toBe(1);
    const answer = await fetch(`http://${instance.PrivateIpAddress}:8080/`);
    expect(await answer.text()).toBe(`hello from ${instance.PrivateIpAddress} of us`);
    const { Output } = await call<{ Output: string }>(ec2, 'GetConsoleOutput', { InstanceId: instance.InstanceId, Latest: true });
    expect(Buffer.from(Output, 'base64').toString()).toMatch(/starting[^]*listening|listening[^]*starting/);

    await terminate(instance);
    await told('(off: signal SIGTERM)');
    await world.time.advanceBy(2_000);
    expect(await list()).toMatchObject([
      { State: { Name: 'terminated' }, StateReason: { Code: 'Client.UserInitiatedShutdown' } },
    ]);
    expect(children.pids.size).toBe(0);
    expect(await readdir(directory)).toEqual([]);
    await expect(fetch(`http://${instance.PrivateIpAddress}:8080/`)).rejects.toThrow();
  });

  it('is started again in the same directory when it is rebooted: no event, and a second boot on its console', async () => {
    const { ec2, world, start, told, describe: list, states, children } = settings;
    const counting = `const { appendFileSync, readFileSync } = require('node:fs');
appendFileSync('boots', 'x');
console.log('boot ' + readFileSync('boots').length);
setInterval(() => {}, 1000);`;
    const instance = await start({ run: script(counting) });
    await told('boot 1');
    const before = states();
    await call(ec2, 'RebootInstances', { InstanceIds: [instance.InstanceId] });
    await told('boot 2');
    await world.time.advanceBy(5_000);
    expect(await list()).toMatchObject([{ State: { Name: 'running' } }]);
    expect(states()).toEqual(before);
    expect(children.pids.size).toBe(1);
    const { Output } = await call<{ Output: string }>(ec2, 'GetConsoleOutput', { InstanceId: instance.InstanceId, Latest: true });
    expect(Buffer.from(Output, 'base64').toString()).toMatch(/^Linux version .*\nboot 1\nLinux version .*\nboot 2\n$/);
  });

  it('is started again when its guest resets: no event, and a second boot on its console', async () => {
    const { ec2, world, start, told, describe: list, states, children } = settings;
    const resetting = `const { existsSync, writeFileSync } = require('node:fs');
if (existsSync('mended')) console.log('is mended');
else { writeFileSync('mended', ''); process.kill(process.pid, 'SIGHUP'); }
setInterval(() => {}, 1000);`;
    const instance = await start({ run: script(resetting) });
    await told('is mended');
    await world.time.advanceBy(5_000);
    expect(await list()).toMatchObject([{ State: { Name: 'running' } }]);
    expect(states()).toEqual(['pending', 'running']);
    expect(children.pids.size).toBe(1);
    const { Output } = await call<{ Output: string }>(ec2, 'GetConsoleOutput', { InstanceId: instance.InstanceId, Latest: true });
    expect(Buffer.from(Output, 'base64').toString()).toMatch(/^Linux version .*\nLinux version .*\nis mended\n$/);
  });

  it('takes the end of the process for a power-off: stopped, with its console and its directory kept', async () => {
    const { ec2, world, start, told, describe: list, states } = settings;
    const instance = await start({ run: script("console.log('last words'); process.exit(3);") });
    await told('(off: exit code 3)');
    await world.time.advanceBy(2_000);
    expect(states()).toEqual(['pending', 'running', 'stopping', 'stopped']);
    expect(await list()).toMatchObject([{ StateReason: { Code: 'Client.InstanceInitiatedShutdown' } }]);
    const { Output } = await call<{ Output: string }>(ec2, 'GetConsoleOutput', { InstanceId: instance.InstanceId, Latest: true });
    expect(Buffer.from(Output, 'base64').toString()).toContain('last words\n');
    expect(await readdir(directory)).toEqual([instance.InstanceId]);
  });

  it('pulls the plug of a guest that does not shut down in time', async () => {
    const { world, start, terminate, told, describe: list } = settings;
    const instance = await start({ run: staying("console.log('no')") });
    await told('staying');
    await terminate(instance);
    await told('no');
    await world.time.advanceBy(59_000);
    expect(await list()).toMatchObject([{ State: { Name: 'shutting-down' } }]);
    await world.time.advanceBy(1_000);
    await told('(off: signal SIGKILL)');
    await world.time.advanceBy(2_000);
    expect(await list()).toMatchObject([{ State: { Name: 'terminated' } }]);
  });

  it.each(['Force', 'SkipOsShutdown'])('does not ask the guest with %s', async (option) => {
    const { start, terminate, told } = settings;
    const instance = await start({ run: staying("console.log('was asked')") });
    await told('staying');
    await terminate(instance, { [option]: true });
    await told('(off: signal SIGKILL)');
  });

  it.each([
    ['is told to end', 'setInterval(() => {}, 1000);', '(off: signal SIGTERM)'],
    ['ends by itself', 'process.exit(0);', '(off: exit code 0)'],
  ])('kills what its process started, too, when that %s', async (_what, then, off) => {
    const { start, told, terminate } = settings;
    // The child holds the same console: the machine is not off before the child is dead.
    const child = `require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' });`;
    const instance = await start({ run: script(`${child} console.log('has a child'); ${then}`) });
    await told('has a child');
    if (off.includes('SIGTERM')) await terminate(instance);
    await told(off);
  });

  it.each([
    ['has no "run"', { other: '' }, /no file "run"/],
    ['cannot be started', { run: '#!/no/such/interpreter\n' }, /cannot be started/],
  ])('ends an instance whose bundle %s, with the reason', async (_what, files, why) => {
    const { start, told, describe: list, states, world } = settings;
    await start(files);
    await told('(failed:');
    expect(states()).toEqual(['pending', 'terminated']);
    expect(await list()).toMatchObject([
      { StateReason: { Code: 'Client.InternalError', Message: expect.stringMatching(why) as string } },
    ]);
    await world.time.advanceBy(0);
  });

  it('can be called off while it unpacks', async () => {
    const { start, terminate, told, children, world, describe: list } = settings;
    const instance = await start({ run: SERVER, large: 'x'.repeat(3_000_000) });
    await terminate(instance);
    await world.time.advanceBy(2_000);
    if (children.pids.size > 0) await told('(off:');
    await world.time.advanceBy(2_000);
    expect(await list()).toMatchObject([{ State: { Name: 'terminated' } }]);
    expect(children.pids.size).toBe(0);
  });

  it('ends everything when the runtime stops', async () => {
    const { start, told, children, ec2, states } = settings;
    await start({ run: staying('') });
    await told('staying');
    const [pid] = children.pids;
    const before = states();
    await ec2.stop?.();
    expect(states()).toEqual(before);
    expect(isAlive(pid!)).toBe(false);
    expect(children.pids.size).toBe(0);
    expect(await readdir(directory)).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
