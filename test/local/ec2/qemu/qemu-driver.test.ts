import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootSector } from './boot-sectors.ts';
import { openHost } from './machines.ts';

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
