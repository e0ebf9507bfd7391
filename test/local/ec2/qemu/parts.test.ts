/** The driver's decisions, as values. */
import { describe, expect, it } from 'vitest';
import { toArguments } from '../../../../local/services/ec2/drivers/qemu/arguments.ts';
import type { MachineShape } from '../../../../local/services/ec2/drivers/qemu/arguments.ts';
import { isEstablished, judgeTrial, overBecause } from '../../../../local/services/ec2/drivers/qemu/boot-watch.ts';
import type { Look } from '../../../../local/services/ec2/drivers/qemu/boot-watch.ts';
import { toForwards } from '../../../../local/services/ec2/drivers/qemu/forwards.ts';
import { ProfileBook, sniffOrder } from '../../../../local/services/ec2/drivers/qemu/profile.ts';
import { Tail } from '../../../../local/services/ec2/drivers/qemu/tail.ts';
import { readerOf } from './machines.ts';

const look = (over: Partial<Look> = {}): Look => ({
  ageMs: 1_000,
  hasSent: false,
  listens: false,
  quietMs: 100,
  isIdle: false,
  console: Buffer.alloc(0),
  ...over,
});

describe('a boot', () => {
  it.each([
    ['listens', { listens: true }, 'listens'],
    ['is idle and silent', { isIdle: true, quietMs: 2_500 }, 'waits'],
    ['takes too long', { ageMs: 30_000 }, 'takes long'],
    ['is silent but computes', { quietMs: 25_000 }, undefined],
    ['waits for an instant', { isIdle: true, quietMs: 300 }, undefined],
  ])('of a guest that %s is over or not', (_what, over, why) => {
    expect(overBecause(look(over))).toBe(why);
  });
});

describe('a trial', () => {
  it.each([
    ['a packet', { hasSent: true }],
    ['a port that is listened on', { listens: true }],
    ['firmware that finds nothing to boot, on whatever disk', { console: Buffer.from('No bootable device.') }],
    ['a minute of printing', { ageMs: 60_000, quietMs: 10 }],
  ])('is won by %s', (_what, over) => {
    expect(judgeTrial(look(over))).toBe('came up');
  });

  it('is lost by silence without a packet, and by a kernel that says it has no disk', () => {
    expect(judgeTrial(look({ ageMs: 16_000, quietMs: 16_000 }))).toBe('lost');
    expect(judgeTrial(look({ console: Buffer.from('VFS: Unable to mount root fs on unknown-block(0,0)') }))).toBe('lost');
  });

  it('is not lost by silence of a guest that has sent: a service that hangs is not a wrong disk', () => {
    expect(judgeTrial(look({ ageMs: 600_000, quietMs: 600_000, hasSent: true }))).toBe('came up');
  });

  it('waits for a slow guest', () => {
    expect(judgeTrial(look({ ageMs: 14_000, quietMs: 14_000 }))).toBeUndefined();
    expect(judgeTrial(look({ ageMs: 40_000, quietMs: 1_000 }))).toBeUndefined();
  });
});

describe('what is known of an image', () => {
  const order = ['virtio', 'ide'] as const;

  it('is what came up first, at once', () => {
    const book = new ProfileBook();
    expect(book.plan('ami-1', {}, order).map(({ isTrial }) => isTrial)).toEqual([true, true, false]);
    book.settled('ami-1', { disk: 'virtio', nic: 'virtio' }, order);
    expect(book.plan('ami-1', {}, order)).toEqual([{ profile: { disk: 'virtio', nic: 'virtio' }, isTrial: false }]);
    expect(book.plan('ami-2', {}, order)).toHaveLength(3);
  });

  it('is overruled by what is declared', () => {
    const book = new ProfileBook();
    book.settled('ami-1', { disk: 'virtio', nic: 'virtio' }, order);
    expect(book.plan('ami-1', { disk: 'nvme', nic: 'vmxnet3' }, order)).toEqual([
      { profile: { disk: 'nvme', nic: 'vmxnet3' }, isTrial: false },
    ]);
  });

  it.each([
    ['a Solo5 manifest', 'MFT1Solo5\0', ['ide', 'virtio']],
    ['nothing known', 'GRUB', ['virtio', 'ide']],
  ])('begins with an order of trials: %s', async (_what, mark, expected) => {
    const bytes = Buffer.alloc(3 * 2 ** 20);
    // Across two pieces of reading.
    bytes.write(mark, 2 ** 20 - 4, 'latin1');
    expect(await sniffOrder(readerOf(bytes))).toEqual(expected);
  });
});

describe('the ports of a guest', () => {
  it('are each forwarded once, and wide ranges are left out', () => {
    const { forwards, leftOut } = toForwards([
      { protocol: 'tcp', from: 0, to: 65_535 },
      { protocol: 'tcp', from: 8080, to: 8082 },
      { protocol: 'tcp', from: 8081, to: 8081 },
      { protocol: 'udp', from: 53, to: 53 },
    ]);
    expect(forwards.map(({ protocol, port }) => `${protocol} ${port}`).toSorted()).toEqual([
      'tcp 8080',
      'tcp 8081',
      'tcp 8082',
      'udp 53',
    ]);
    expect(leftOut).toEqual([{ protocol: 'tcp', from: 0, to: 65_535 }]);
  });

  it('are listened on when QEMU’s network has an established connection to them', () => {
    const usernet = (state: string) =>
      [
        'Hub -1 (net):',
        '  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ',
        `  TCP[${state}]      15      127.1.0.77 41000    169.254.2.15  8080     0     0`,
        '  TCP[HOST_FORWARD]   9      127.1.0.77  8080    169.254.2.15  8080     0     0',
      ].join('\r\n');
    expect(isEstablished(usernet('ESTABLISHED'), 8080)).toBe(true);
    expect(isEstablished(usernet('SYN_SENT'), 8080)).toBe(false);
    expect(isEstablished(usernet('ESTABLISHED'), 9090)).toBe(false);
  });
});

describe('the command line', () => {
  const shape: MachineShape = {
    accel: 'tcg',
    memoryMiB: 128,
    cpus: 1,
    mac: '06:00:00:00:00:01',
    address: '127.1.0.2',
    profile: { disk: 'ide', nic: 'virtio' },
    disks: [
      { node: 'volume0', file: '/a,b/overlay.qcow2', serial: 'vol0' },
      { node: 'volume1', file: '/c', serial: 'vol1' },
      { node: 'volume2', file: '/d', serial: 'vol2' },
    ],
    forwards: [
      { protocol: 'tcp', port: 80 },
      { protocol: 'udp', port: 53 },
    ],
    firmware: undefined,
    metadata: { nc: '/bin/nc', host: '127.0.0.1', port: 4000 },
    packets: '/tmp/x,y',
  };

  it('forwards at the instance’s own address, and leads the metadata address out', () => {
    const [, options] = toArguments(shape).join(' ').split(' -netdev ');
    expect(options).toMatch(/^user,id=net,hostfwd=tcp:127.1.0.2:80-:80,hostfwd=udp:127.1.0.2:53-:53,/);
    expect(options).toContain('guestfwd=tcp:169.254.169.254:80-cmd:/bin/nc -N -w 3 127.0.0.1 4000 ');
  });

  it('has room for the commas of paths, and for four IDE disks', () => {
    const line = toArguments(shape);
    expect(line.join(' ')).toContain('file=/tmp/x,,y');
    expect(line.filter((one) => one.startsWith('ide-hd')).map((one) => one.split(',').slice(1, 3))).toEqual([
      ['bus=ide.0', 'unit=0'],
      ['bus=ide.0', 'unit=1'],
      ['bus=ide.1', 'unit=0'],
    ]);
  });
});

it('a tail is the last of what was written', () => {
  const tail = new Tail(10);
  for (let n = 0; n < 100; n += 1) tail.write(Buffer.from(`${n} `));
  expect(tail.take().toString()).toBe(' 97 98 99 ');
  expect(tail.take()).toHaveLength(0);
});
