import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessDriver } from '../../../local/services/ec2/drivers/process.ts';
import { testAccount } from './account.ts';
import { call, TestLedger } from './world.ts';

const SERVER = `#!/usr/bin/env node
const server = require('node:http').createServer((request, response) => response.end('hello from ' + process.env.HOST + ' ' + process.env.USER_DATA));
server.listen(8080, process.env.HOST, () => console.log('listening'));
console.error('starting');
`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'process-driver-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function processAccount() {
  const children = new TestLedger();
  const account = await testAccount({
    drivers: (world) => [createProcessDriver({ directory, children, time: world.time, path: process.env['PATH'] ?? '' })],
  });
  /** Real processes do not wait for virtual time: looks again after every turn of the world's trace. */
  const until = async (kind: string) => {
    while (!account.world.trace.entries().some((entry) => entry.kind === kind)) {
      const told = Promise.withResolvers<void>();
      const end = account.world.trace.subscribe(() => told.resolve());
      await told.promise;
      end();
    }
  };
  return { ...account, children, until };
}

describe('the process driver', () => {
  it('runs the bundle on the address of its instance, and serves HTTP from it', async () => {
    const { ec2, world, imageOf, run, describe: list, children, until } = await processAccount();
    const [instance] = await run(await imageOf({ run: SERVER }), { UserData: Buffer.from('of us').toString('base64') });
    expect(instance!.State.Name).toBe('pending');
    await until('instance running');
    expect(children.pids.size).toBe(1);

    const { Output } = await printed(ec2, instance!.InstanceId, 'listening');
    expect(Buffer.from(Output, 'base64').toString()).toContain('starting');
    const answer = await fetch(`http://${instance!.PrivateIpAddress}:8080/`);
    expect(await answer.text()).toBe(`hello from ${instance!.PrivateIpAddress} of us`);

    await call(ec2, 'TerminateInstances', { InstanceIds: [instance!.InstanceId] });
    await until('machine off');
    await world.time.advanceBy(2_000);
    expect((await list())[0]).toMatchObject({
      State: { Name: 'terminated' },
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
    });
    expect(children.pids.size).toBe(0);
    expect(await readdir(directory)).toEqual([]);
    await expect(fetch(`http://${instance!.PrivateIpAddress}:8080/`)).rejects.toThrow();
  });
});

async function printed(ec2: Parameters<typeof call>[0], InstanceId: string, text: string): Promise<{ Output: string }> {
  for (;;) {
    const output = await call<{ Output: string }>(ec2, 'GetConsoleOutput', { InstanceId, Latest: true });
    if (Buffer.from(output.Output, 'base64').toString().includes(text)) return output;
    await once(process, 'never', { signal: AbortSignal.timeout(20) }).catch(() => undefined);
  }
}
