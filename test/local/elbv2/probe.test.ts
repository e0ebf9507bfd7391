import type { Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import type { HealthCheck } from '../../../local/services/elbv2/core/model.ts';
import { probe } from '../../../local/services/elbv2/edge/probe.ts';
import { freePort, serve } from './sockets.ts';

const check = { protocol: 'HTTP', path: '/health', matcher: '200', timeoutSeconds: 0.2 } as HealthCheck;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listening(answer: Parameters<typeof serve>[2]): Promise<number> {
  const port = await freePort('127.1.80.1');
  servers.push(await serve('127.1.80.1', port, answer));
  return port;
}

it('passes on the code that is wanted, on the path that is declared', async () => {
  const port = await listening((req, res) => res.writeHead(req.url === '/health' ? 200 : 404).end());
  expect(await probe('127.1.80.1', port, check)).toEqual({ kind: 'passed' });
  const other = await probe('127.1.80.1', port, { ...check, path: '/' });
  expect(other).toEqual({
    kind: 'failed',
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [404]',
  });
});

it('times out on a target that accepts and says nothing', async () => {
  const port = await listening(() => undefined);
  expect(await probe('127.1.80.1', port, check)).toMatchObject({ reason: 'Target.Timeout' });
  expect(await probe('127.1.80.1', port, { ...check, protocol: 'TCP' })).toEqual({ kind: 'passed' });
});

it('fails where nobody listens', async () => {
  const port = await freePort('127.1.80.1');
  expect(await probe('127.1.80.1', port, check)).toMatchObject({ reason: 'Target.FailedHealthChecks' });
  expect(await probe('127.1.80.1', port, { ...check, protocol: 'TCP' })).toMatchObject({ reason: 'Target.FailedHealthChecks' });
});

it('does not take an instance without an address for this machine', async () => {
  const port = await freePort();
  servers.push(await serve('127.0.0.1', port, (_req, res) => res.end()));
  expect(await probe('127.0.0.1', port, check)).toEqual({ kind: 'passed' });
  expect(await probe('', port, check)).toMatchObject({ reason: 'Target.FailedHealthChecks' });
});
