/** `tandem build`, with real packages and real machines: both images of the example serve, end and crash as they are to. */
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { parseManifest } from '../../core/release/parse-manifest.ts';
import { planFormatRefusal } from '../../core/image/image-format.ts';
import { writeTwin } from '../../examples/hello/twin.ts';
import { buildTwin, type BuiltTwin } from '../../twin/build-twin.ts';
import { compile } from '../guest/images.ts';
import { boot, type MachineOptions, type TestMachine } from '../guest/machine.ts';
import { openCloud, type Cloud } from './cloud.ts';

/** Seconds each on a computer at rest; on one with three times as much to do as it can, minutes: a BIOS reads in small pieces. */
const BOOT = { timeout: 400_000 };
const nobody = () => undefined;
const PLACE = { bucket: 'evidence', reportPrefix: 'nodes/AROAEXAMPLE:', instance: 'i-0123456789abcdef0' };

let home: string;
let hello: BuiltTwin;
let mortal: string;
let machine: TestMachine | undefined;
let cloud: Cloud | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'twin-'));
  hello = await buildHello('hello', process.env);
  mortal = await buildMortal();
}, 300_000);
afterAll(() => rm(home, { recursive: true, force: true }));
afterEach(async () => {
  await machine?.kill();
  cloud?.close();
});

async function buildHello(name: string, environment: NodeJS.ProcessEnv): Promise<BuiltTwin> {
  const folder = join(home, name);
  await writeTwin({ version: '1.0.0', failEvery: 3 }, folder);
  return buildTwin({ folder, version: '1.0.0', out: join(home, `${name}-out`), form: 'single-process', environment }, nobody);
}

const image = (name: string) => join(home, 'hello-out', name);

async function start(disk: string, options: Partial<MachineOptions> = {}): Promise<TestMachine> {
  const one = await boot({ disks: [disk], ports: [8080], ...options });
  onTestFailed(() => {
    process.stderr.write(`${one.console().slice(-2000)}\n`);
  });
  machine = one;
  return one;
}

const get = (one: TestMachine, path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${one.port(8080)}${path}`, { headers, signal: AbortSignal.timeout(5000) });

const lines = (console: string) => console.split(/\r?\n/);

describe('a build', () => {
  it(
    'makes the same bytes again, whatever the folder, the time zone and the mask of the builder',
    { timeout: 300_000 },
    async () => {
      const before = process.umask(0o077);
      const again = await buildHello('elsewhere', { ...process.env, TZ: 'Asia/Tokyo' }).finally(() => process.umask(before));
      const digests = ({ files }: BuiltTwin) => files.map(({ sha256 }) => sha256);
      expect(digests(again)).toEqual(digests(hello));
    },
  );

  it('writes a manifest that the control plane takes, with the source of both images', async () => {
    const text = await readFile(image('release.json'), 'utf8');
    const given = { service: 'hello', version: '1.0.0', key: 'hello/1.0.0/release.json', versionId: '1', text };
    expect(parseManifest(given, { integrity: 'digest' }, () => false)).toMatchObject({
      kind: 'manifest',
      manifest: { sha256: { linux: hello.files[0]?.sha256, unikernel: hello.files[1]?.sha256 } },
    });
    expect(JSON.parse(text)).toMatchObject({ source: { sha256: hello.source, form: 'single-process', kernel: hello.kernel } });
    expect(hello.kernel).toMatch(/^linux-image-\d.*-cloud-amd64_.+_amd64$/);
  });

  it('lays disks out for a legacy BIOS: boot code, an active FAT, and the root behind it, each with its own signature', async () => {
    const [linux, unikernel] = await Promise.all(['linux.raw', 'unikernel.raw'].map(readDisk));
    for (const disk of [linux!, unikernel!]) {
      expect(planFormatRefusal('disk', disk.sector)).toBeUndefined();
      expect(disk.partitions.map(({ status, type }) => [status, type])).toEqual([
        [0x80, 0x0e],
        [0x00, 0x83],
      ]);
      expect(disk.rootMagic).toBe('hsqs');
      expect(disk.signature).not.toBe(0);
    }
    expect(linux!.signature).not.toBe(unikernel!.signature);
  });

  it('says plainly that a single-process image is no unikernel', () => {
    expect(hello.statement).toMatch(/single-process image[^]*not a unikernel/);
  });
});

async function readDisk(name: string) {
  const file = await open(image(name));
  const sector = Buffer.alloc(1024);
  await file.read(sector, 0, 1024, 0);
  const partitions = [446, 462].map((at) => ({
    status: sector[at],
    type: sector[at + 4],
    start: sector.readUInt32LE(at + 8),
  }));
  const magic = Buffer.alloc(4);
  await file.read(magic, 0, 4, partitions[1]!.start * 512);
  await file.close();
  return { sector, partitions, signature: sector.readUInt32LE(440), rootMagic: magic.toString('latin1') };
}

describe('the machines', () => {
  it('of unikernel.raw serve from an IDE disk, fail as the release does, and end when they are asked to', BOOT, async () => {
    const one = await start(image('unikernel.raw'), { diskKind: 'ide-hd' });
    await one.says('listens on port 8080');
    const answers = [await get(one, '/'), await get(one, '/'), await get(one, '/')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 500]);
    expect(await answers[0]!.json()).toMatchObject({ service: 'hello', version: '1.0.0', build: 'unikernel' });
    one.pressPowerButton();
    expect(await one.ended).toBe(0);
    expect(lines(one.console())).toContain('tandem: hello: exit status 0');
  });

  it('of linux.raw serve from an NVMe disk, show the kernel, and end when they are asked to', BOOT, async () => {
    const one = await start(image('linux.raw'), { diskKind: 'nvme' });
    await one.says('listens on port 8080');
    expect(await (await get(one, '/')).json()).toMatchObject({ build: 'linux' });
    one.pressPowerButton();
    expect(await one.ended).toBe(0);
    expect(one.console()).toMatch(
      /Linux version [^]*power button was pressed[^]*evidence is put nowhere[^]*hello: exit status 0/,
    );
  });

  it(
    'of linux.raw give the service its rights, leave a core, where it crashed, logs and requests in the bucket, and then say the end',
    BOOT,
    async () => {
      cloud = await openCloud(PLACE);
      const one = await start(mortal, { diskKind: 'virtio-blk-pci', metadataPort: cloud.metadataPort });
      await one.says('listening on 8080');
      await get(one, '/first?q=1', { authorization: 'Bearer secret', cookie: 'a=b', 'x-kept': 'yes' });
      await get(one, '/rights');
      await get(one, '/crash').catch(nobody);
      await one.ended;

      expect(cloud.refused).toEqual([]);
      expect(one.console()).toMatch(/CapEff:\t0000000000001000[^]*NoNewPrivs:\t1[^]*port 80: listens[^]*twin0: made/);
      // Its service has not asked for any.
      expect(cloud.metrics.calls).toEqual([]);
      expect(one.console()).toMatch(/service\[\d+\]: segfault at 8 ip/);
      expect(one.console()).toMatch(/gdb: #0 {2}inner_mistake [^]*gdb: #1 [^\n]* answer /);
      expect(lines(one.console()).findLast((line) => line.startsWith('tandem: '))).toBe(
        'tandem: hello: exit status 139 (SIGSEGV)',
      );
      expect(JSON.parse(left('end.json').toString())).toMatchObject({
        service: 'hello',
        version: '1.0.0',
        exitStatus: 139,
        signal: 'SIGSEGV',
        wasAsked: false,
        coreBytes: left('core').length,
      });
      expect(left('core').subarray(0, 4).toString('latin1')).toBe('\x7fELF');
      expect(left('backtrace.txt').toString()).toMatch(/inner_mistake[^]*rip /);
      expect(left('service.log').toString()).toContain('listening on 8080');
      expect(left('kernel.log').toString()).toContain('segfault at 8');
      expect(requestsLeft()).toMatchObject([
        { method: 'GET', path: '/first?q=1', headers: expect.arrayContaining([['x-kept', 'yes']]) as unknown },
        { method: 'GET', path: '/rights' },
        { method: 'GET', path: '/crash', bodyBytes: 0, body: '' },
      ]);
      expect(left('requests.jsonl').toString()).not.toMatch(/secret|a=b/);
    },
  );

  it('of linux.raw that hang and do not end when they are asked to, leave where they hung, and are killed', BOOT, async () => {
    cloud = await openCloud(PLACE);
    const one = await start(mortal, { metadataPort: cloud.metadataPort });
    await one.says('listening on 8080');
    get(one, '/hang').catch(nobody);
    await one.says('waits for nothing');
    one.pressPowerButton();
    await one.ended;

    expect(cloud.refused).toEqual([]);
    expect(one.console()).toMatch(
      /did not end within 2 seconds[^]*gdb: #\d+ [^\n]*wait_for_nothing [^]*gdb: #\d+ [^\n]* answer /,
    );
    expect(lines(one.console()).findLast((line) => line.startsWith('tandem: '))).toBe('tandem: hello: exit status 137 (SIGKILL)');
    expect(JSON.parse(left('end.json').toString())).toMatchObject({ exitStatus: 137, signal: 'SIGKILL', wasAsked: true });
    expect(left('backtrace.txt').toString()).toMatch(/wait_for_nothing[^]* answer [^]*rip /);
    expect(left('core')).toHaveLength(0);
    expect(requestsLeft()).toMatchObject([{ method: 'GET', path: '/hang' }]);
  });
});

const left = (name: string) => cloud?.objects.get(`${PLACE.reportPrefix}${PLACE.instance}/${name}`) ?? Buffer.alloc(0);
const requestsLeft = () =>
  left('requests.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

/** The service of test/guest, which crashes and hangs when it is asked to. */
async function buildMortal(): Promise<string> {
  const [folder, out] = [join(home, 'mortal'), join(home, 'mortal-out')];
  await mkdir(folder);
  await compile(join(import.meta.dirname, '../guest/service.c'), join(folder, 'service'));
  const twin = {
    name: 'hello',
    entrypoint: '/app/service',
    arguments: ['serve', '8080'],
    ports: [{ port: 8080 }],
    capabilities: ['CAP_NET_ADMIN'],
    stop: { graceSeconds: 2 },
    files: [{ source: 'service', target: '/app/service' }],
  };
  await writeFile(join(folder, 'twin.json'), JSON.stringify(twin));
  await buildTwin({ folder, version: '1.0.0', out, form: 'single-process', environment: process.env }, nobody);
  return join(out, 'linux.raw');
}
