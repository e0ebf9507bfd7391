/** What is remembered of traffic, also of traffic nobody would send on purpose; compiled here, with its memory watched. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Remembered {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyBytes: number;
  readonly body: string;
}

const folder = mkdtempSync(join(tmpdir(), 'requests-'));
const program = join(folder, 'requests');
beforeAll(() => {
  const watched = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const flags = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', ...watched];
  execFileSync('gcc', [...flags, '-o', program, join(import.meta.dirname, 'requests.c')]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Packet {
  readonly port: number;
  readonly bytes: Uint8Array;
}

function remembered(packets: readonly Packet[]): readonly Remembered[] {
  const frame = (port: number, opens: number, bytes: Uint8Array) => {
    const head = Buffer.from([port >> 8, port & 255, opens, bytes.length >> 8, bytes.length & 255]);
    return Buffer.concat([head, bytes]);
  };
  const opening = [...new Set(packets.map(({ port }) => port))].map((port) => frame(port, 1, Buffer.alloc(0)));
  const input = Buffer.concat([...opening, ...packets.map(({ port, bytes }) => frame(port, 0, bytes))]);
  const file = join(folder, 'requests.jsonl');
  execFileSync(program, [file], { input, env: { ASAN_OPTIONS: 'detect_leaks=0' } });
  const lines = readFileSync(file, 'latin1')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Remembered);
}

/** One connection; each text is a packet. */
const of = (...texts: readonly string[]) => remembered(texts.map((text) => ({ port: 4000, bytes: Buffer.from(text, 'latin1') })));
const short = (all: readonly Remembered[]) =>
  all.map(({ method, path, bodyBytes, body }) => [method, path, bodyBytes, Buffer.from(body, 'base64').toString('latin1')]);

const HOST = 'HTTP/1.1\r\nHost: a\r\n';
const POST = `POST /p ${HOST}Content-Length: 5\r\n\r\n`;
const CHUNKED = `POST /c ${HOST}Transfer-Encoding: chunked\r\n\r\n`;

describe('the last requests', () => {
  it('are told apart when several stand in one packet, with their bodies', () => {
    const all = of(`GET /1 ${HOST}\r\n${POST}helloHEAD /2 ${HOST}\r\nGET /3 ${HOST}\r\n`);
    expect(short(all)).toEqual([
      ['GET', '/1', 0, ''],
      ['POST', '/p', 5, 'hello'],
      ['HEAD', '/2', 0, ''],
      ['GET', '/3', 0, ''],
    ]);
  });

  it('are the same however the bytes are cut into packets', () => {
    const stream = `GET /1 ${HOST}\r\n\r\n${POST}GET /${CHUNKED}5\r\nGET /\r\n3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\nPUT /2 ${HOST}\r\n`;
    const wanted = [
      ['GET', '/1', 0, ''],
      ['POST', '/p', 5, 'GET /'],
      ['POST', '/c', 8, 'GET /abc'],
      ['PUT', '/2', 0, ''],
    ];
    expect(short(of(...Array.from(stream)))).toEqual(wanted);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        expect(short(of(...at.slice(1).map((end, n) => stream.slice(at[n], end))))).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it('are those of each connection, also when their packets come in turn', () => {
    const packet = (port: number, text: string) => ({ port, bytes: Buffer.from(text) });
    const turns = [packet(1, POST), packet(2, POST), packet(1, 'one..'), packet(2, 'two..')];
    expect(short(remembered(turns)).map(([, , , body]) => body)).toEqual(['one..', 'two..']);
  });

  it('are the last 256, without the load balancer asking for health', () => {
    const check = `GET /health ${HOST}User-Agent: ELB-HealthChecker/2.0\r\n\r\n`;
    const all = of(...Array.from({ length: 300 }, (_, n) => `${check}GET /${n} ${HOST}\r\n`));
    expect([all.length, all[0]?.path, all.at(-1)?.path]).toEqual([256, '/44', '/299']);
  });

  it('wait for a body that was announced, and go on behind one that never was whole', () => {
    const head = `POST /e ${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`;
    expect(short(of(head, 'hello', `GET /n ${HOST}\r\n`))).toEqual([
      ['POST', '/e', 5, 'hello'],
      ['GET', '/n', 0, ''],
    ]);
  });

  it('keep the beginning of a body and of a head that are too long, and go on behind them', () => {
    const large = `POST /l ${HOST}Content-Length: 20000\r\n\r\n${'x'.repeat(20_000)}GET /n ${HOST}\r\n`;
    const [body, next] = of(large);
    expect([body?.bodyBytes, Buffer.from(body?.body ?? '', 'base64').length, next?.path]).toEqual([20_000, 16_384, '/n']);
    // Of each length around the limit: also where it falls into the empty line.
    for (const pad of [8100, 8150, ...Array.from({ length: 40 }, (_, n) => 8150 + n), 20_000]) {
      const all = of(`POST /h ${HOST}Content-Length: 3\r\nX: ${'y'.repeat(pad)}\r\n\r\nabcGET /n ${HOST}\r\n`);
      expect(short(all), `${pad}`).toEqual([
        ['POST', '/h', 3, 'abc'],
        ['GET', '/n', 0, ''],
      ]);
    }
    expect(of(`GET /${'z'.repeat(9000)} ${HOST}\r\n`)[0]?.path).toHaveLength(8188);
  });

  it('take a NUL, a quote and bytes beyond ASCII as they came', () => {
    const [one] = of(`GET /\0"\\\xff HTTP/1.1\r\nX: a\0b\r\nCookie: secret\r\nY:\r\n\r\n`);
    expect(one).toMatchObject({
      path: '/\0"\\\xff',
      headers: [
        ['X', 'a\0b'],
        ['Y', ''],
      ],
    });
  });

  it('are none where nobody speaks HTTP, and pass over what follows an upgrade', () => {
    expect(of('\x16\x03\x01\x02\x00\x01\x00', 'GE', 'T', 'GXT /', 'SSH-2.0-x\r\n\r\n')).toEqual([]);
    const upgrade = `GET /ws ${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(short(of(upgrade, '\x81\x85\x01\x02\x03\x04', '\x88\x00'))).toEqual([['GET', '/ws', 0, '']]);
  });

  it('survive whatever comes', { timeout: 60_000 }, () => {
    const piece = fc.oneof(
      fc.constantFrom(POST, CHUNKED, `GET / ${HOST}\r\n`, '\r\n', 'ffffffffffffffffff\r\n', '0\r\n', 'Content-Length: -1\r\n'),
      fc.constantFrom('GET ', 'GET  \r\n\r\n', 'GET \r\n\r\n', `POST / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n`),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.integer({ min: 8180, max: 8200 }).map((length) => 'q'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => void of(...pieces.filter((one) => one !== ''))),
      {
        numRuns: 100,
      },
    );
  });
});
