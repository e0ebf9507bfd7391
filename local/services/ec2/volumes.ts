/** Volumes of instances: made at launch, of the image's disk and of what the launch maps besides. They end with their instance. */
import { createHash } from 'node:crypto';
import { AwsError } from '../../kernel/aws-error.ts';
import type { SnapshotReader } from '../../kernel/ports.ts';
import type { Disk } from './drivers/driver.ts';
import { getById, SNAPSHOT_ID } from './state.ts';
import type { Ec2State, Image, Instance, Volume } from './state.ts';

/** A mapping of a launch, as a template or a request says it; absent fields are the image's. */
export interface VolumeMapping {
  readonly device: string;
  readonly snapshotId?: string | undefined;
  readonly gib?: number | undefined;
  readonly deleteOnTermination?: boolean | undefined;
}

interface BlockDeviceMapping {
  readonly DeviceName?: string | undefined;
  readonly VirtualName?: string | undefined;
  readonly NoDevice?: string | undefined;
  readonly Ebs?:
    | {
        readonly SnapshotId?: string | undefined;
        readonly VolumeSize?: number | undefined;
        readonly DeleteOnTermination?: boolean | undefined;
      }
    | undefined;
}

export function toMapping(mapping: BlockDeviceMapping): VolumeMapping {
  const { DeviceName: device, Ebs } = mapping;
  if (device === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter DeviceName');
  if (Ebs === undefined || mapping.VirtualName !== undefined || mapping.NoDevice !== undefined)
    throw new AwsError('InvalidBlockDeviceMapping', `The local EC2 maps EBS volumes only, and ${device} is mapped to none.`);
  const { SnapshotId: snapshotId, VolumeSize: gib, DeleteOnTermination: deleteOnTermination } = Ebs;
  return { device, snapshotId, gib, deleteOnTermination };
}

export type VolumePlan = Omit<Volume, 'id'>;

/** The root volume first. A later mapping of a device outranks an earlier one, field by field, as in EC2. */
export function planVolumes(ec2: Ec2State, image: Image, mappings: readonly VolumeMapping[]): readonly VolumePlan[] {
  const { rootDeviceName, snapshotId, volume } = image;
  const root = { device: rootDeviceName, snapshotId, gib: volume.gib, deleteOnTermination: volume.deleteOnTermination };
  const byDevice = new Map<string, VolumeMapping>([[rootDeviceName, root]]);
  for (const mapping of mappings) byDevice.set(mapping.device, { ...byDevice.get(mapping.device), ...said(mapping) });
  return [...byDevice.values()].map((mapping) => planVolume(ec2, mapping, mapping.device === rootDeviceName ? image : undefined));
}

/** Each instance has volumes of its own. */
export const makeVolumes = (instanceId: string, plans: readonly VolumePlan[]): readonly Volume[] =>
  plans.map((plan) => ({ ...plan, id: `vol-0${digest(`${instanceId} ${plan.device}`).slice(0, 16)}` }));

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

const said = (mapping: VolumeMapping): VolumeMapping => ({
  device: mapping.device,
  ...Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined)),
});

function planVolume(ec2: Ec2State, mapping: VolumeMapping, image: Image | undefined): VolumePlan {
  const { device, snapshotId, deleteOnTermination = image !== undefined } = mapping;
  if (image !== undefined && snapshotId !== image.snapshotId)
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `The snapshot of the root device ${device} cannot be another one than the image's.`,
    );
  // Of the image's own, also one deleted since: that is seen at the boot, and told as EC2 tells it.
  const least = image?.volume.gib ?? (snapshotId === undefined ? undefined : gibOfSnapshot(ec2, snapshotId));
  const gib = mapping.gib ?? least;
  if (gib === undefined || !Number.isInteger(gib) || gib < 1)
    throw new AwsError('InvalidParameterValue', `The volume at ${device} has neither a size in whole GiB nor a snapshot.`);
  if (least !== undefined && gib < least)
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${gib}GB is smaller than snapshot '${snapshotId ?? ''}', expect size >= ${least}GB`,
    );
  return { device, snapshotId, gib, deleteOnTermination };
}

function gibOfSnapshot(ec2: Ec2State, id: string): number {
  const snapshot = getById(id, SNAPSHOT_ID, (known) => ec2.snapshots.find(known));
  if (snapshot.state === 'completed') return snapshot.volumeGiB;
  throw new AwsError('IncorrectState', `Snapshot is in invalid state - ${snapshot.state}`);
}

/** Undefined where a snapshot is gone. The driver keeps what is written to a volume beside the machine. */
export function disksOf(ec2: Ec2State, { volumes }: Instance): readonly Disk[] | undefined {
  const disks = volumes.map(({ id, device, snapshotId, gib }) => {
    const base = snapshotId === undefined ? 'blank' : ec2.snapshots.open(snapshotId);
    return base && { device, volumeId: id, base: base === 'blank' ? undefined : base, bytes: gib * 2 ** 30, writablePath: '' };
  });
  return disks.every((disk) => disk !== undefined) ? disks : undefined;
}

/** The root disk's first bytes say which driver runs the instance. */
export function baseOf(disks: readonly Disk[]): SnapshotReader {
  const base = disks[0]?.base;
  if (base === undefined) throw new TypeError('an image was registered without a snapshot');
  return base;
}
