/**
 * A small web service, written once and built twice. esbuild replaces the constants below, so the unikernel build
 * does not contain the instrumentation at all: the two images are two builds of one source.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { instrument } from './instrumentation.ts';

declare const VERSION: string;
declare const BUILD: 'linux' | 'unikernel';
/** Every how many greetings one fails; 0: none does. The bug that release 1.2.0 ships. */
declare const FAIL_EVERY: number;

const PORT = 8080;
const host = process.env['HOST'] ?? '0.0.0.0';
let greetings = 0;

function greetNobody(): never {
  throw new TypeError(`nobody has no name (greeting ${greetings})`);
}

/** Left on its disk by a bug: with it, it never gets as far as serving. */
const POISON = 'poison';
/** A guest resets itself, and its instance runs on; the local runtime takes a process that ends by SIGHUP for one. */
const reset = () => process.kill(process.pid, 'SIGHUP');

/** Bugs that one request finds: the demo of failing nodes sends it, nobody else does. */
const BUGS: Readonly<Record<string, () => void>> = {
  '/bugs/crash': () => setImmediate(greetNobody),
  // A lock that is never released: the process lives, and answers nobody.
  '/bugs/hang': () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  '/bugs/poweroff': () => process.exit(0),
  '/bugs/reset': () => {
    writeFileSync(POISON, '');
    reset();
  },
};

const greet = () => {
  greetings += 1;
  if (FAIL_EVERY > 0 && greetings % FAIL_EVERY === 0) throw new Error(`greeting ${greetings} has no name to greet`);
  return { service: 'hello', version: VERSION, build: BUILD, node: host };
};

const server = createServer((request, response) => {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body) + '\n');
  };
  if (request.url === '/healthz') {
    reply(200, { ok: true });
    return;
  }
  const bug = BUGS[request.url ?? ''];
  if (bug) {
    bug();
    return;
  }
  try {
    reply(200, greet());
  } catch (cause) {
    reply(500, { service: 'hello', version: VERSION, build: BUILD, node: host, error: String(cause) });
    if (BUILD === 'linux') console.error(cause);
  }
});

if (BUILD === 'linux') instrument(server);
server.keepAliveTimeout = 75_000;
if (existsSync(POISON)) setTimeout(reset, 200);
else server.listen(PORT, host, () => console.log(`hello ${VERSION} (${BUILD}) listens on ${host}:${PORT}`));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
