/** A gateway over made-up services: each operation answers what the test says and keeps what it was asked. */
import type { AddressInfo } from 'node:net';
import type { StaticOperationSchema } from '@smithy/types';
import { Gateway } from '../../../local/gateway/gateway.ts';
import type { Hooks } from '../../../local/gateway/hooks.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { Call, LocalService } from '../../../local/kernel/service.ts';
import { MemoryTrace } from '../../../local/kernel/trace.ts';
import type { World } from '../../../local/kernel/world.ts';

export function testWorld(endpoint = 'http://127.0.0.1:4566') {
  const time = new VirtualClock();
  const trace = new MemoryTrace(() => time.now());
  const account = {
    id: '123456789012',
    region: 'eu-central-1',
    partition: 'aws',
    zones: ['eu-central-1a'],
    endpoint,
  };
  return { time, trace, random: createRandom(1), account } satisfies World;
}

export type Answer = (input: never, call: Call) => unknown;

/** A service with these operations: [schema, answer]. */
export function madeUp(name: string, ...answers: readonly (readonly [StaticOperationSchema, Answer])[]): LocalService {
  const operations = answers.map(([schema, run]) => [schema[2], { schema, run }] as const);
  return { name, operations: Object.fromEntries(operations), resources: {}, gaps: [] };
}

export const CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'secret' };

/** Listens on a free port; `config` is for any SDK client. */
export async function listen(services: readonly LocalService[], hooks: Hooks = {}) {
  const world = testWorld();
  const bugs: unknown[] = [];
  const gateway = new Gateway(world, services, { hooks, onBug: (error) => bugs.push(error) });
  const server = createGatewayServer(gateway, () => world.time.now());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    world,
    gateway,
    server,
    endpoint,
    bugs,
    close,
    config: { endpoint, region: 'eu-central-1', credentials: CREDENTIALS, maxAttempts: 1 },
  };
}
