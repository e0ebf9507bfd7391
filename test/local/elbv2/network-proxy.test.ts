import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveClock } from '../../../local/kernel/clock-live.ts';
import { setStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { freePort } from './sockets.ts';

const [ONE, TWO] = ['i-0000000000000001', 'i-0000000000000002'];

let time: LiveClock;
let stage: Stage;
let port: number;
let targetPort: number;
let closing: (() => unknown)[];

async function open(protocol: 'TCP' | 'UDP'): Promise<void> {
  stage = await setStage({
    time,
    network: false,
    balancer: { Type: 'network' },
    group: { Protocol: protocol, Port: targetPort },
    listener: { Port: port, Protocol: protocol },
    defaultActions: (blue) => [{ Type: 'forward', TargetGroupArn: blue }],
  });
  await stage.elb.start!();
  closing.push(() => stage.elb.stop!());
}

async function register(group: string, id: string, address: string): Promise<void> {
  stage.launch(id, address);
  stage.run('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: id }] });
  await vi.waitFor(() => expect(stage.health(group)).toEqual(['healthy']));
}

async function echo(address: string, name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => socket.write(`${name}:${data.toString()}`));
    socket.on('end', () => socket.end());
  });
  server.listen(targetPort, address);
  await once(server, 'listening');
  closing.push(() => server.close());
  return server;
}

async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

beforeEach(async () => {
  closing = [];
  time = new LiveClock({ speed: 100, onError: (label, error) => console.error(label, error) });
  [port, targetPort] = [await freePort(), await freePort()];
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  time.stop();
});

describe('a TCP connection through the load balancer', () => {
  it('stays with its target when the weights change; new ones follow the weights', async () => {
    await open('TCP');
    await echo('127.1.78.1', 'blue');
    await echo('127.1.78.2', 'green');
    await register(stage.blue, ONE, '127.1.78.1');
    const old = connect(port, '127.0.1.1');
    expect(await say(old, 'a')).toBe('blue:a');
    stage.weigh(0, 1);
    await register(stage.green, TWO, '127.1.78.2');
    await vi.waitFor(async () => {
      const fresh = connect(port, '127.0.1.1');
      const heard = await say(fresh, 'b').finally(() => fresh.destroy());
      expect(heard).toBe('green:b');
    });
    expect(await say(old, 'c')).toBe('blue:c');
    old.end();
    await once(old, 'close');
    await vi.waitFor(() => expect(stage.sum('ProcessedBytes')).toBeGreaterThanOrEqual(14));
    expect(stage.sum('NewFlowCount')).toBeGreaterThanOrEqual(2);
  });

  it('is reset when there is no target', async () => {
    await open('TCP');
    const socket = connect(port, '127.0.1.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(stage.sum('TCP_ELB_Reset_Count')).toBe(1);
  });

  it('is reset when its target becomes unhealthy', async () => {
    await open('TCP');
    const server = await echo('127.1.78.1', 'blue');
    await register(stage.blue, ONE, '127.1.78.1');
    const socket = connect(port, '127.0.1.1');
    expect(await say(socket, 'a')).toBe('blue:a');
    server.close();
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(stage.health(stage.blue)).toEqual(['unhealthy Target.FailedHealthChecks']);
  });
});

describe('UDP packets through the load balancer', () => {
  async function packet(client: UdpSocket, text: string): Promise<string> {
    client.send(text, port, '127.0.1.1');
    const [data] = (await once(client, 'message')) as [Buffer];
    return data.toString();
  }

  it('of one source go to one target, and the answers find back', async () => {
    await open('UDP');
    // Health checks of UDP groups are TCP connections.
    await echo('127.1.78.1', 'blue');
    const target = createSocket('udp4');
    target.on('message', (data, from) => target.send(`blue:${data.toString()}`, from.port, from.address));
    target.bind(targetPort, '127.1.78.1');
    await once(target, 'listening');
    closing.push(() => target.close());
    await register(stage.blue, ONE, '127.1.78.1');
    const client = createSocket('udp4');
    closing.push(() => client.close());
    expect(await packet(client, 'a')).toBe('blue:a');
    expect(await packet(client, 'b')).toBe('blue:b');
    expect(stage.sum('NewFlowCount')).toBe(1);
    expect(stage.sum('ProcessedBytes')).toBe(14);
  });
});
