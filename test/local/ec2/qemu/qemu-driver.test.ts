import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootSector } from './boot-sectors.ts';
import { guestOf, MIB, openHost, readerOf } from './machines.ts';

let host: Awaited<ReturnType<typeof openHost>>;
beforeEach(async () => {
  host = await openHost();
});
afterEach(() => host.close());

/** Its devices are declared: it boots once. */
const DECLARED = { hints: { disk: 'virtio' } };

describe('a virtual machine', () => {
  it('boots the disk, and what its guest prints is its console', async () => {
    const { story } = host.boot(bootSector('a boot sector speaks', 'halt'), DECLARED);
    await story.untilConsole('a boot sector speaks');
    expect(story.told).toEqual(['started']);
    expect(story.console.toString()).toContain('SeaBIOS');
    expect(host.children.pids.size).toBe(1);
  });

  it('is off when its guest powers off', async () => {
    const { story, machine } = host.boot(bootSector('bye', 'off'), DECLARED);
    await machine.ended;
    expect(story.told).toEqual(['started', 'off: the guest powered off']);
    expect(story.console.toString()).toContain('bye');
    expect(host.children.pids.size).toBe(0);
  });

  it('of a disk of zeros says on its console that nothing boots, and stays', async () => {
    const { story } = host.boot(new Uint8Array(), DECLARED);
    await story.untilConsole('No bootable device');
    expect(story.told).toEqual(['started']);
  });

  it('goes on in the same machine when its guest resets, and tells nobody', async () => {
    const { story } = host.boot(bootSector('round', 'reset'), DECLARED);
    await story.untilConsole('SeaBIOS');
    await new Promise<void>((resolve) => {
      const look = () => (host.traced('guest reset').length >= 2 ? resolve() : setImmediate(look));
      look();
    });
    expect(story.told).toEqual(['started']);
    expect(host.children.pids.size).toBe(1);
  });

  it('can be killed', async () => {
    const { story, machine } = host.boot(bootSector('still here', 'spin'), DECLARED);
    await story.untilConsole('still here');
    machine.kill();
    await machine.ended;
    expect(story.told).toEqual(['started', 'off: its plug was pulled']);
  });
});

describe('a machine that is reset', () => {
  it('boots again, and nobody is told', async () => {
    const { machine, story } = host.boot(bootSector('hello', 'halt'), DECLARED);
    await story.untilConsole('hello');
    machine.reset();
    await story.untilConsoleIs((text) => /hello[^]*SeaBIOS \(version[^]*hello/.test(text));
    expect(story.told).toEqual(['started']);
    machine.kill();
    await machine.ended;
  });
});

describe('what goes wrong', () => {
  it('a port that is taken ends the launch, and says which', async () => {
    const guest = guestOf({ ...DECLARED, ports: [{ protocol: 'tcp', from: 8080, to: 8080 }] });
    const squatter = createServer().listen(8080, guest.address);
    await once(squatter, 'listening');
    const { machine, story } = host.boot(bootSector('never', 'halt'), guest);
    await machine.ended;
    squatter.close();
    expect(story.told).toEqual([expect.stringMatching(`^failed .server.: tcp:${guest.address}:8080 cannot be forwarded`)]);
  });

  it('memory that is not there ends the launch', async () => {
    const { machine, story } = host.boot(bootSector('never', 'halt'), { ...DECLARED, memoryMiB: 900_000_000 });
    await machine.ended;
    expect(story.told).toEqual([expect.stringMatching(/^failed .server.: .*(memory|ram size)/i)]);
  });

  it('a QEMU that is killed from outside is a machine that crashed', async () => {
    const { machine, story } = host.boot(bootSector('hello', 'halt'), DECLARED);
    await story.untilConsole('hello');
    const [pid] = host.children.pids;
    process.kill(pid!, 'SIGKILL');
    await machine.ended;
    expect(story.told).toEqual(['started', 'crashed: QEMU ended with SIGKILL']);
  });

  it('a wrong hint is the client’s, and the reason says what there is', async () => {
    const { machine, story } = host.boot(bootSector('never', 'halt'), { hints: { disk: 'floppy' } });
    await machine.ended;
    expect(story.told).toEqual([expect.stringMatching(/^failed .client.: .*"floppy".*virtio, ide, nvme, scsi/)]);
  });

  it('without QEMU the reason says what to install', async () => {
    const bare = await openHost({ path: '/nowhere' });
    const { machine, story } = bare.boot(bootSector('never', 'halt'));
    await machine.ended;
    await bare.close();
    expect(story.told).toEqual([expect.stringMatching(/^failed .server.: qemu-system-x86_64.*apt-get install qemu-system-x86/)]);
  });

  it('a console that is flooded keeps nobody from being stopped', async () => {
    const { machine, story } = host.boot(bootSector('flood ', 'flood'), DECLARED);
    await story.untilConsole('flood flood flood');
    machine.kill();
    await machine.ended;
    expect(story.told).toEqual(['started', 'off: its plug was pulled']);
  });
});

describe('the gate', () => {
  it('lets as many boot as there are cores, the others in line, each told its place', async () => {
    const narrow = await openHost({ cores: 1 });
    const first = narrow.boot(bootSector('first', 'spin'), DECLARED);
    await first.story.until('started');
    const second = narrow.boot(bootSector('second', 'halt'), DECLARED);
    await second.story.until('queued 1');
    const third = narrow.boot(bootSector('third', 'halt'), DECLARED);
    await third.story.until('queued 2');
    first.machine.kill();
    await second.story.untilConsole('second');
    await third.story.untilConsole('third');
    expect(third.story.told).toEqual(['queued 2', 'queued 1', 'started']);
    await narrow.close();
  });

  it('is left by a guest that waits, and by one that is told to end in line', async () => {
    const narrow = await openHost({ cores: 1 });
    const waits = narrow.boot(bootSector('waits', 'halt'), DECLARED);
    await waits.story.until('started');
    const leaves = narrow.boot(bootSector('never', 'halt'), DECLARED);
    await leaves.story.until('queued 1');
    leaves.machine.stop();
    await leaves.machine.ended;
    expect(leaves.story.told.at(-1)).toBe('off: called off before it booted');
    const next = narrow.boot(bootSector('next', 'halt'), DECLARED);
    await next.story.untilConsole('next');
    expect(waits.story.told).toEqual(['started']);
    expect(narrow.traced('boot over').map(({ data }) => data?.['why'])).toEqual(['waits']);
    await narrow.close();
  });
});

describe('the volumes of a machine', () => {
  const SECTOR = 512;

  it('are copied as they are while it runs; keep what it wrote when it is off; and what they were made from stays as it was', async () => {
    const image = bootSector('writes ', 'write');
    const directory = await mkdtemp(join(host.directory, 'volumes-'));
    const snapshot = join(directory, 'snapshot.raw');
    await writeFile(snapshot, image);
    const base = { ...readerOf(image), path: snapshot };
    const root = { device: '/dev/xvda', volumeId: 'vol-1', base, bytes: 8 * 1024 * MIB, writablePath: join(directory, 'vol-1') };
    const data = {
      device: '/dev/sdf',
      volumeId: 'vol-2',
      base: undefined,
      bytes: 1024 * MIB,
      writablePath: join(directory, 'vol-2'),
    };

    const first = host.boot(undefined, DECLARED, [root, data]);
    // Said again, it has been written.
    await first.story.untilConsole('writes writes');
    // Nobody needs the snapshot any more.
    await rm(snapshot);
    const [copy, blank] = await first.machine.openDisks!(['vol-1', 'vol-2']);
    expect(copy).toMatchObject({ volumeBytes: 8 * 1024 * MIB });
    expect(Buffer.from(await copy!.read(0, 2 * SECTOR))).toEqual(Buffer.concat([image, image]));
    expect(await blank!.read(0, SECTOR)).toEqual(new Uint8Array(SECTOR));
    await Promise.all([copy!.release(), blank!.release()]);
    first.machine.kill();
    await first.machine.ended;
    await first.machine.discard();

    const kept = await host.driver.openDisk!(root);
    expect(Buffer.from(await kept.read(SECTOR, SECTOR))).toEqual(image);
    await kept.release();
    expect(await readFile(join(directory, 'vol-1', 'base.raw'))).toEqual(image);
    const again = host.boot(undefined, DECLARED, [root, data]);
    await again.story.untilConsole('writes ');
    expect(again.story.told).toEqual(['started']);
  });
});

it('a machine’s screen is a JPEG, and a diagnostic interrupt does not end it', async () => {
  const { machine, story } = host.boot(bootSector('look at me', 'halt'), DECLARED);
  await story.untilConsole('look at me');
  const screen = await machine.screenshot!();
  expect(Buffer.from(screen.subarray(0, 3)).toString('hex')).toBe('ffd8ff');
  await machine.diagnose!();
  expect(story.told).toEqual(['started']);
  machine.kill();
  await machine.ended;
  await expect(machine.screenshot!()).rejects.toThrow('not running');
});
