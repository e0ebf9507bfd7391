/** What the Linux build has and the unikernel build has not: the last requests, their times, and a report when it dies. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

interface Seen {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

const KEPT = 200;
const seen: Seen[] = [];

function remember(request: IncomingMessage, response: ServerResponse): void {
  const begun = performance.now();
  response.on('finish', () => {
    if (request.url === '/healthz') return;
    const ms = Math.round((performance.now() - begun) * 100) / 100;
    const line = {
      at: new Date().toISOString(),
      method: request.method ?? '',
      path: request.url ?? '',
      status: response.statusCode,
      ms,
    };
    seen.push(line);
    if (seen.length > KEPT) seen.shift();
    if (line.status >= 500) console.error(`request failed: ${JSON.stringify(line)}`);
  });
}

export function instrument(server: Server): void {
  server.on('request', remember);
  process.on('uncaughtException', (error) => {
    console.error(error.stack);
    console.error(`last requests: ${JSON.stringify(seen.slice(-20))}`);
    process.exit(70);
  });
}
