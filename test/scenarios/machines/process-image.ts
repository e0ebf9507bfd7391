/** A bundle for the `process` driver: a small service that dies as one request tells it to. */
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { Build } from '../app/opened-account.ts';

/**
 * What it resets for is on its disk: so it resets again and again. On a busy computer starts cost more than anything else,
 * and a guest that boots is not that quick either: it waits a moment before each.
 */
const RUN = `#!/usr/bin/env node
const { existsSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const reset = () => process.kill(process.pid, 'SIGHUP');
let health = 200;
const WAYS = {
  '/die/power-off': () => { console.error('assertion ready failed at main.c:12'); process.exit(1); },
  '/die/crash': () => process.kill(process.pid, 'SIGKILL'),
  '/die/hang': () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  '/die/sicken': () => { health = 503; },
  '/die/reset': () => { writeFileSync('broken', ''); reset(); },
};
const serve = () => createServer((request, response) => {
  WAYS[request.url]?.();
  response.writeHead(request.url === '/healthz' ? health : 200);
  response.end('RELEASE\\n');
}).listen(8080, process.env.HOST, () => console.log('RELEASE listens'));
if (existsSync('broken')) setTimeout(reset, 400);
else serve();
process.on('SIGTERM', () => process.exit(0));
`;

export async function processImage(version: string, build: Build): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'run', mode: 0o755, mtime: new Date(0) }, RUN.replaceAll('RELEASE', `${version} (${build})`));
  tar.finalize();
  return buffer(tar);
}
