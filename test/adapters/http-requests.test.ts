import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpRequests } from '../../adapters/http-requests.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (path: string) => number | undefined): Promise<number> {
  server = createServer((request, response) => {
    const status = answer(request.url ?? '');
    if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100_000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('HttpRequests', () => {
  it('tells the status of that path, and follows no redirect', async () => {
    const port = await serve((path) => (path === '/moved?a=b' ? 302 : 500));
    expect(await new HttpRequests(port, 5_000).get('127.0.0.1', '/moved?a=b')).toEqual({ status: 302 });
  });

  it('says so when no answer comes in time', async () => {
    const port = await serve(() => undefined);
    expect(await new HttpRequests(port, 50).get('127.0.0.1', '/')).toEqual({ why: 'no answer within 50 ms' });
  });

  it('says why a connection was refused', async () => {
    const port = await serve(() => 200);
    server?.close();
    const answer = await new HttpRequests(port, 5_000).get('127.0.0.1', '/');
    expect(answer).toMatchObject({ why: expect.stringContaining('ECONNREFUSED') as string });
  });
});
