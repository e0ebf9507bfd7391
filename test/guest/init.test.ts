/** The first process, in real machines: what it makes of the configuration, of the network, and of the service's end. */
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { blankDisk, compile, compileInit, findKernel, librariesOf, makeRamDisk, makeRoot, scratch } from './images.ts';
import { capabilityMask } from '../../twin/capabilities.ts';
import type { Kernel } from '../../twin/debian/kernel.ts';
import type { GuestConfiguration } from '../../twin/image/ram-disk.ts';
import { boot, type MachineOptions, type TestMachine } from './machine.ts';

const BOOT = { timeout: 300_000 };

let home: string;
let kernel: Kernel;
let init: string;
let root: string;
let machine: TestMachine | undefined;
let made = 0;

beforeAll(async () => {
  home = await scratch();
  kernel = await findKernel();
  init = await compileInit(home);
  const service = await compile(join(import.meta.dirname, 'service.c'), join(home, 'service'));
  root = await makeRoot(join(home, 'root.raw'), { 'app/service': service });
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));
afterEach(() => machine?.kill());

async function start(words: readonly string[], changes: Partial<GuestConfiguration> = {}, options: Partial<MachineOptions> = {}) {
  const all = { argument: ['/app/service', ...words], ...changes };
  const ramDisk = await makeRamDisk(join(home, `ram-${made++}`), init, kernel, all);
  machine = await boot({ direct: { kernel: kernel.image, ramDisk }, disks: [root], ...options });
  return machine;
}

/** One that can make a file system on a blank data volume. */
async function rootWithTools(name: string): Promise<string> {
  const mke2fs = { 'usr/sbin/mke2fs': '/sbin/mke2fs', ...(await librariesOf('/sbin/mke2fs')) };
  return makeRoot(join(home, name), { 'app/service': join(home, 'service'), ...mke2fs });
}

const ask = (port: number, path = '/') => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });

const NONE = '0000000000000000';
/** Effective now, and after whatever it starts: that is bounded, too. */
const rights = (mask: string) => ({ CapInh: mask, CapPrm: mask, CapEff: mask, CapBnd: mask, CapAmb: mask });
const rightsIn = (console: string) =>
  Object.fromEntries([...console.matchAll(/^(Cap\w+|NoNewPrivs):\t(\w+)/gm)].map(([, name = '', value]) => [name, value]));

const lines = (console: string) => console.split(/\r?\n/);

describe('the first process', () => {
  it(
    'starts the service as it was told to, as a user without rights, in a root that cannot be written, and says its end',
    BOOT,
    async () => {
      const { ended, console } = await start(['exit', '7', 'two words']);
      expect(await ended).toBe(0);
      expect(console()).toMatch(/uid=1000 gid=1000 pid=\d+ cwd=\/app host=ip-169-254-\d+-\d+ files=65536/);
      expect(lines(console())).toEqual(
        expect.arrayContaining(['argument[0]=/app/service', 'argument[3]=two words', 'GREETING=good day=', '"$HOME"']),
      );
      expect(console()).toContain('root is Read-only file system');
      expect(console()).toContain('stderr by name: opens');
      expect(lines(console())).toContain('tandem: hello: exit status 7');
    },
  );

  it('says the signal that killed the service', BOOT, async () => {
    const { ended, console } = await start(['abort']);
    await ended;
    expect(lines(console())).toContain('tandem: hello: exit status 134 (SIGABRT)');
  });

  it('lets the kernel say where the service faulted, however quiet the boot was', BOOT, async () => {
    const { ended, console } = await start(['fault']);
    await ended;
    expect(console()).toMatch(/service\[\d+\]: segfault at [0-9a-f]+ ip /);
    expect(lines(console())).toContain('tandem: hello: exit status 139 (SIGSEGV)');
  });

  it('gets an address, serves, and ends the service when the power button is pressed', BOOT, async () => {
    const { says, port, pressPowerButton, ended, console } = await start(['serve', '8080'], {}, { ports: [8080] });
    await says('listening on 8080');
    expect(console()).toMatch(/tandem: address 169\.254\.2\.15/);
    expect((await ask(port(8080))).status).toBe(200);
    pressPowerButton();
    expect(await ended).toBe(0);
    expect(console()).toMatch(/power button[^]*asked to end[^]*hello: exit status 0/);
  });

  it('lets the service listen on any port, and gives it no other right', BOOT, async () => {
    const { says, port } = await start(['serve', '53'], {}, { ports: [53] });
    await says('listening on 53');
    await ask(port(53), '/rights');
    const said = await says(/twin0: .*\r/);
    expect(rightsIn(said)).toEqual({ ...rights(NONE), NoNewPrivs: '1' });
    expect(said).toMatch(/port 80: listens[^]*ip_forward: Permission denied[^]*twin0: Operation not permitted/);
  });

  it(
    'gives the service the capabilities it is to have, and no way to more: with NET_ADMIN it makes a TUN interface',
    BOOT,
    async () => {
      const capabilities = capabilityMask(['CAP_NET_ADMIN', 'CAP_BPF']);
      const { says, port } = await start(['serve', '80'], { capabilities }, { ports: [80] });
      await says('listening on 80');
      await ask(port(80), '/rights');
      const said = await says(/twin0: .*\r/);
      expect(rightsIn(said)).toEqual({ ...rights('0000008000001000'), NoNewPrivs: '1' });
      expect(said).toMatch(/ip_forward: set[^]*twin0: made/);
    },
  );

  it('lets a service that may reset its machine do so, and boots again with what is on the data volume', BOOT, async () => {
    const disks = { disks: [await blankDisk(join(home, 'reset.raw'), 16), await rootWithTools('reset-root.raw')] };
    const { ended, console } = await start(['reset'], { data: 1, capabilities: capabilityMask(['CAP_SYS_BOOT']) }, disks);
    expect(await ended).toBe(0);
    expect(console()).toMatch(/data: written, new[^]*tandem: address [^]*data: written, there before[^]*hello: exit status 0/);
  });

  it('kills a service that does not hear the power button, after a grace', BOOT, async () => {
    const { says, pressPowerButton, ended, console } = await start(['deaf']);
    await says('deaf');
    pressPowerButton();
    expect(await ended).toBe(0);
    expect(lines(console())).toContain('tandem: hello: exit status 137 (SIGKILL)');
  });

  it('powers off when the program is missing, and says so', BOOT, async () => {
    const { ended, console } = await start([], { argument: ['/app/nothing'] });
    await ended;
    expect(console()).toMatch(/cannot run \/app\/nothing: No such file or directory[^]*exit status 127/);
  });

  it('powers off when no disk is the root, and says which it looked for', BOOT, async () => {
    const { ended, console } = await start(['exit', '0'], { disk: 'deadbeef' }, { disks: [] });
    await ended;
    expect(console()).toContain('boot failed: there is no disk with the signature deadbeef');
  });

  it('finds root and data volume on NVMe, makes a file system on the blank one, and keeps one that is there', BOOT, async () => {
    const withTools = await rootWithTools('data-root.raw');
    const data = await blankDisk(join(home, 'data.raw'), 16);
    const disks = { disks: [data, withTools], diskKind: 'nvme', keepsWrites: true } as const;
    const first = await start(['data'], { data: 1 }, disks);
    await first.ended;
    expect(first.console()).toContain('data: written, new');
    const second = await start(['data'], { data: 1 }, disks);
    await second.ended;
    expect(second.console()).toContain('data: written, there before');
  });

  it('lays a layer in memory over the root where one is asked for', BOOT, async () => {
    const { ended, console } = await start(['exit', '0'], { writable: 1, uid: 0 });
    await ended;
    expect(console()).toContain('root is writable');
  });
});
