/** Which devices an image knows is found by booting it; real machines, hand-made boot sectors. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Guest } from '../../../../local/services/ec2/drivers/driver.ts';
import { bootSector } from './boot-sectors.ts';
import { openHost } from './machines.ts';

let host: Awaited<ReturnType<typeof openHost>>;
beforeEach(async () => {
  host = await openHost();
});
afterEach(() => host.close());

const bootsOf = (instanceId: string) =>
  host.traced('boots').flatMap(({ data }) => (data?.['instance'] === instanceId ? [data['disk']] : []));

/** Boots that do not count are on the console too, until the next one prints something. */
async function untilSettled({ instanceId }: Guest): Promise<void> {
  const isSettled = () => host.traced('profile settled').some(({ data }) => data?.['instance'] === instanceId);
  while (!isSettled()) await new Promise((resolve) => setImmediate(resolve));
}

const RTL8139 = { hints: { nic: 'rtl8139' } };

describe('an image whose devices nobody declared', () => {
  it('that goes off for want of an IDE disk gets one, and nobody sees the first attempt', async () => {
    const { story, guest } = host.boot(bootSector('where is my disk', 'want ide'), RTL8139);
    await untilSettled(guest);
    await story.untilConsole('where is my disk');
    expect(bootsOf(guest.instanceId)).toEqual(['virtio', 'ide']);
    expect(story.told).toEqual(['started']);
    expect(story.console.toString().match(/SeaBIOS/g)).toHaveLength(1);
  });

  it('is tried twice before its second profile is believed', async () => {
    const profiles: unknown[] = [];
    for (let boot = 0; boot < 3; boot += 1) {
      const { story, guest, machine } = host.boot(bootSector('where is my disk', 'want ide'), RTL8139);
      if (boot < 2) await untilSettled(guest);
      await story.untilConsole('where is my disk');
      profiles.push(bootsOf(guest.instanceId));
      machine.kill();
      await machine.ended;
    }
    expect(profiles).toEqual([['virtio', 'ide'], ['virtio', 'ide'], ['ide']]);
  });

  it('that goes off with every profile goes off, once; and the next of it boots once', async () => {
    const image = bootSector('nothing to do', 'off');
    const first = host.boot(image);
    await first.machine.ended;
    expect(first.story.told).toEqual(['started', 'off: the guest powered off']);
    expect(first.story.console.toString().match(/nothing to do/g)).toHaveLength(1);
    expect(bootsOf(first.guest.instanceId)).toEqual(['virtio', 'ide', 'virtio']);
    const second = host.boot(image);
    await second.machine.ended;
    expect(bootsOf(second.guest.instanceId)).toEqual(['virtio']);
  });

  it('that resets with every profile is left to reset', async () => {
    const { story, guest } = host.boot(bootSector('again', 'reset'));
    await untilSettled(guest);
    await story.untilConsole('again');
    expect(bootsOf(guest.instanceId)).toEqual(['virtio', 'ide', 'virtio']);
    expect(story.told).toEqual(['started']);
  });

  it('that goes off after it used its network has its devices: its end is its own', async () => {
    const { story, machine, guest } = host.boot(bootSector('a crash', 'send, then off'), RTL8139);
    await machine.ended;
    expect(bootsOf(guest.instanceId)).toEqual(['virtio']);
    expect(story.told).toEqual(['started', 'off: the guest powered off']);
    expect(story.console.toString()).toContain('a crash');
  });

  it('that is told to end while it is tried ends', async () => {
    const { story, machine, guest } = host.boot(bootSector('waiting', 'halt'));
    // What is printed meanwhile can be read at once: a deadline may come before the trial is over.
    await story.untilConsole('waiting');
    machine.kill();
    await machine.ended;
    expect(bootsOf(guest.instanceId)).toEqual(['virtio']);
    expect(story.told).toEqual(['started', 'off: its plug was pulled']);
  });
});
