import { DescribeInstances$, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PutObject$, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { currentInvocation, installInProcess } from '../../../local/gateway/in-process.ts';
import type { InProcess } from '../../../local/gateway/in-process.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import type { Call } from '../../../local/kernel/service.ts';
import { CREDENTIALS, madeUp, testWorld } from './harness.ts';

const ENDPOINT = 'http://127.0.0.1:1';
const config = { endpoint: ENDPOINT, region: 'eu-central-1', credentials: CREDENTIALS, maxAttempts: 1 };

let world: ReturnType<typeof testWorld>;
let calls: Call[];
let inProcess: InProcess;
let socketsOpened: number;
const connect: typeof net.Socket.prototype.connect = Reflect.get(net.Socket.prototype, 'connect');

beforeEach(() => {
  world = testWorld(ENDPOINT);
  calls = [];
  socketsOpened = 0;
  net.Socket.prototype.connect = function (this: net.Socket, ...parameters: never[]) {
    socketsOpened += 1;
    return Reflect.apply(connect, this, parameters) as net.Socket;
  };
  const ec2 = madeUp('ec2', [
    DescribeInstances$,
    async (_input, call) => {
      calls.push(call);
      await new Promise<void>((resolve) => world.time.after(60_000, 'slow answer', resolve));
      return { Reservations: [] };
    },
  ]);
  const s3 = madeUp('s3', [
    PutObject$,
    async (input: { Body: Readable }, call) => {
      calls.push(call);
      return { ETag: `"${(await buffer(input.Body)).length}"` };
    },
  ]);
  const server = createGatewayServer(new Gateway(world, [ec2, s3]), () => world.time.now());
  inProcess = installInProcess(server, ENDPOINT);
});

afterEach(() => {
  inProcess.uninstall();
  net.Socket.prototype.connect = connect;
});

it('answers a plain SDK client with no socket opened, when account time says so', async () => {
  const client = new EC2Client(config);
  let answered = false;
  const answer = client.send(new DescribeInstancesCommand({})).then((value) => ((answered = true), value));
  await world.time.advanceBy(59_999);
  expect(answered).toBe(false);
  expect(inProcess.open).toBe(1);
  await world.time.advanceBy(1);
  expect(answered).toBe(true);
  expect((await answer).Reservations).toEqual([]);
  expect(inProcess.open).toBe(0);
  expect(socketsOpened).toBe(0);
});

it('tells whose call it is, many at once over kept connections, none mixed up', async () => {
  const client = new EC2Client(config);
  const one = (id: string) => currentInvocation.run(id, () => client.send(new DescribeInstancesCommand({})));
  const ids = Array.from({ length: 80 }, (_, i) => `invocation-${i}`);
  const all = Promise.all(ids.map(one));
  await world.time.advanceBy(200_000);
  await all;
  expect(calls.map((call) => call.invocation).sort()).toEqual([...ids].sort());
  expect(socketsOpened).toBe(0);
});

it('carries large uploads that ask before they send (Expect: 100-continue), with their invocation', async () => {
  const client = new S3Client({ ...config, forcePathStyle: true });
  const Body = Buffer.alloc(5_000_000, 1);
  const answer = await currentInvocation.run('inv', () => client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body })));
  expect(answer.ETag).toBe('"5000000"');
  expect(calls[0]?.invocation).toBe('inv');
  expect(socketsOpened).toBe(0);
});

it('leaves all other addresses to the network, and everything once uninstalled', async () => {
  const other = createServer((_request, response) => response.end('other'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const client = new EC2Client({ ...config, endpoint: `http://127.0.0.1:${(other.address() as AddressInfo).port}` });
  await client.send(new DescribeInstancesCommand({})).catch(() => undefined);
  expect(socketsOpened).toBe(1);
  expect(calls).toEqual([]);
  inProcess.uninstall();
  await expect(new EC2Client(config).send(new DescribeInstancesCommand({}))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  other.close();
});
