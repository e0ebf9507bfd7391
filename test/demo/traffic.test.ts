import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { NOBODY, tallies, Traffic } from '../../demo/traffic.ts';

describe('the demo counts what users saw', () => {
  const server = createServer();
  afterEach(() => server.close());

  it('by the release and build that answered, failures apart', () => {
    const seen = [
      { at: 1, version: '1.0.0', build: 'linux', ok: true },
      { at: 2, version: '1.0.0', build: 'linux', ok: false },
      { at: 3, version: '1.0.0', build: 'unikernel', ok: true },
    ];
    expect(Object.fromEntries(tallies(seen))).toEqual({
      '1.0.0 linux': { sent: 2, failed: 1 },
      '1.0.0 unikernel': { sent: 1, failed: 0 },
    });
  });

  it('and holds against the load balancer what no node answered', async () => {
    server.on('request', (_request, response) => response.writeHead(503).end('no node'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answered = new Promise<void>((resolve) =>
      server.once('request', (_, response) => response.on('finish', () => resolve())),
    );
    const traffic = new Traffic(`http://127.0.0.1:${port}`, 100);
    traffic.start();
    await answered;
    await traffic.stop();
    const counted = tallies(traffic.since(0));
    expect([...counted.keys()]).toEqual([NOBODY]);
    expect(counted.get(NOBODY)?.failed).toBe(counted.get(NOBODY)?.sent);
  });
});
