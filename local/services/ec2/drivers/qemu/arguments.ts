/** The command line of a machine. An array of arguments, never a shell's line. */
import type { Forward } from './forwards.ts';
import type { DiskKind, NicKind, Profile } from './profile.ts';

export interface MachineShape {
  readonly accel: 'kvm' | 'tcg';
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly mac: string;
  readonly address: string;
  readonly profile: Profile;
  /** Root first. */
  readonly disks: readonly { readonly node: string; readonly file: string; readonly serial: string }[];
  readonly forwards: readonly Forward[];
  /** UEFI: its code and this machine's variables. */
  readonly firmware: { readonly code: string; readonly variables: string } | undefined;
  readonly metadata: { readonly nc: string; readonly host: string; readonly port: number } | undefined;
  /** Where what the guest sends is recorded, until somebody says `object-del`. */
  readonly packets: string;
}

/** File descriptor of the control channel: a socket pair, so that there is no path to be too long. */
export const QMP_FD = 3;
export const PACKET_FILTER = 'sent';
const METADATA_QUIET_SECONDS = 3;

const comma = (path: string) => path.replaceAll(',', ',,');

export const toArguments = (shape: MachineShape): readonly string[] => [
  ...baseArguments(shape),
  ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
  ...['-chardev', `socket,id=control,fd=${QMP_FD}`, '-mon', 'chardev=control,mode=control'],
  ...firmwareArguments(shape.firmware),
  ...shape.disks.flatMap((disk, index) => [...blockdevArguments(disk), ...diskDevice(shape.profile.disk, disk, index)]),
  ...controllers(shape.profile.disk),
  ...networkArguments(shape),
];

/** `graphics=off` makes SeaBIOS speak on the serial port, as EC2's firmware does; the screen is there all the same. */
export const baseArguments = ({ accel, memoryMiB, cpus }: Pick<MachineShape, 'accel' | 'memoryMiB' | 'cpus'>) => [
  ...['-machine', 'pc,graphics=off', '-accel', accel, ...(accel === 'kvm' ? ['-cpu', 'host'] : [])],
  ...['-m', String(memoryMiB), '-smp', String(cpus)],
  ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'std'],
];

const firmwareArguments = (firmware: MachineShape['firmware']) =>
  firmware === undefined
    ? []
    : [
        ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${comma(firmware.code)}`],
        ...['-drive', `if=pflash,unit=1,format=raw,file=${comma(firmware.variables)}`],
      ];

/** No flushes to the host's disk: after a power cut of the host, nobody asks for a local instance's data. */
const CACHE = { direct: false, 'no-flush': true };

const blockdevArguments = ({ node, file }: MachineShape['disks'][number]) => [
  '-blockdev',
  JSON.stringify({
    'node-name': node,
    driver: 'qcow2',
    cache: CACHE,
    discard: 'unmap',
    file: { driver: 'file', filename: file, cache: CACHE, discard: 'unmap' },
  }),
];

function diskDevice(kind: DiskKind, { node, serial }: MachineShape['disks'][number], index: number): readonly string[] {
  const options = `drive=${node},serial=${serial},id=disk-${node}${index === 0 ? ',bootindex=0' : ''}`;
  switch (kind) {
    case 'virtio':
      return ['-device', `virtio-blk-pci,${options}`];
    case 'ide':
      return ['-device', `ide-hd,bus=ide.${index >> 1},unit=${index & 1},${options}`];
    case 'nvme':
      return ['-device', `nvme,${options}`];
    case 'scsi':
      return ['-device', `scsi-hd,bus=scsi.0,${options}`];
  }
}

const controllers = (kind: DiskKind) => (kind === 'scsi' ? ['-device', 'virtio-scsi-pci,id=scsi'] : []);

/** `pc`'s slots are conventional PCI, where QEMU's virtio devices are transitional: they speak the legacy protocol as well. */
const NIC_DEVICES: Readonly<Record<NicKind, string>> = {
  virtio: 'virtio-net-pci',
  'virtio-transitional': 'virtio-net-pci-transitional',
  e1000: 'e1000',
  e1000e: 'e1000e',
  rtl8139: 'rtl8139',
  vmxnet3: 'vmxnet3',
};

/**
 * Started by QEMU for each connection, split by a shell's rules, but not by a shell. Netcat does not pass on that the
 * service has hung up while the guest has not: a guest that reads until the end would wait for ever. `-w`: when
 * nothing was said for so many seconds, it goes, and that is the end the guest sees.
 */
const toMetadataCommand = ({ nc, host, port }: NonNullable<MachineShape['metadata']>) =>
  `${nc} -N -w ${METADATA_QUIET_SECONDS} ${host} ${port}`;

function networkArguments({ address, forwards, mac, profile, metadata, packets }: MachineShape): readonly string[] {
  const options = [
    'user,id=net',
    ...forwards.map(({ protocol, port }) => `hostfwd=${protocol}:${address}:${port}-:${port}`),
    // The metadata address must lie in the guest's own network.
    ...['net=169.254.0.0/16', 'host=169.254.0.2'],
    ...(metadata === undefined ? [] : [`guestfwd=tcp:169.254.169.254:80-cmd:${comma(toMetadataCommand(metadata))}`]),
  ];
  return [
    ...['-netdev', options.join(',')],
    // No ROM: a disk that does not boot must not be followed by an attempt to boot from the network.
    ...['-device', `${NIC_DEVICES[profile.nic]},netdev=net,mac=${mac},romfile=`],
    // `rx`, as the network sees it: what the guest sends.
    ...['-object', `filter-dump,id=${PACKET_FILTER},netdev=net,queue=rx,maxlen=64,file=${comma(packets)}`],
  ];
}
