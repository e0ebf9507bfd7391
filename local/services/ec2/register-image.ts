import { RegisterImage$ } from '@aws-sdk/client-ec2';
import type { BlockDeviceMapping, RegisterImageRequest, RegisterImageResult } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { SnapshotView } from '../../kernel/ports.ts';
import type { Operation } from '../../kernel/service.ts';
import { announceImage } from './events.ts';
import { checkDryRun, getById, newId, SNAPSHOT_ID, tagsFor } from './state.ts';
import type { Ec2State, Image } from './state.ts';

/** EC2 says `available` some seconds after it took the registration. */
const AVAILABLE_AFTER_MS = 3_000;

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);

/** 3–128 characters: letters, digits, ()[] ./-'@_ and space. */
function checkName(ec2: Ec2State, name: string | undefined): string {
  if (name === undefined || !/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(name))
    throw new AwsError(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_': "${name ?? ''}"`,
    );
  const taken = [...ec2.images.values()].find((image) => image.name === name);
  if (taken !== undefined)
    throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${taken.id}`);
  return name;
}

const CHOICES = {
  Architecture: ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'],
  VirtualizationType: ['hvm', 'paravirtual'],
  BootMode: ['legacy-bios', 'uefi', 'uefi-preferred'],
  ImdsSupport: ['v2.0'],
  TpmSupport: ['v2.0'],
  SriovNetSupport: ['simple'],
} as const;

function checkChoices(input: RegisterImageRequest): void {
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value = Object.entries(input).find(([field]) => field === name)?.[1] as unknown;
    if (value !== undefined && !allowed.some((one) => one === value))
      throw invalid(`Value (${JSON.stringify(value)}) for parameter ${name} is invalid. Valid values: ${allowed.join(', ')}.`);
  }
  if (input.TpmSupport !== undefined && input.BootMode !== 'uefi')
    throw new AwsError('InvalidParameterCombination', "TpmSupport requires BootMode 'uefi'.");
  if (input.Architecture === 'arm64' && input.BootMode !== undefined && input.BootMode !== 'uefi')
    throw new AwsError(
      'InvalidParameterCombination',
      `Boot mode '${input.BootMode}' is not supported with architecture 'arm64'.`,
    );
}

const NEVER_SUPPORTED = ['ImageLocation', 'KernelId', 'RamdiskId', 'BillingProducts', 'UefiData'] as const;

/** The root device's mapping: the one disk an image has here. */
function getRoot(input: RegisterImageRequest): BlockDeviceMapping {
  const unknown = NEVER_SUPPORTED.filter((name) => input[name] !== undefined);
  if (unknown.length > 0) throw invalid(`The local EC2 does not have ${unknown.join(', ')}: images are of one EBS snapshot.`);
  const mappings = input.BlockDeviceMappings ?? [];
  if (mappings.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter BlockDeviceMappings.');
  if (input.RootDeviceName === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter RootDeviceName.');
  const root = mappings.find((mapping) => mapping.DeviceName === input.RootDeviceName);
  if (root?.Ebs?.SnapshotId === undefined)
    throw new AwsError('InvalidBlockDeviceMapping', `The root device ${input.RootDeviceName} has no mapping with a snapshot.`);
  if (mappings.length > 1) throw invalid('The local EC2 has images of one disk.');
  if (root.Ebs.Encrypted !== undefined)
    throw invalid(
      'the parameter encrypted cannot be specified for a mapping with a snapshot: an image is as encrypted as its snapshot',
    );
  return root;
}

function getSnapshot(ec2: Ec2State, id: string): SnapshotView {
  const snapshot = getById(id, SNAPSHOT_ID, (known) => ec2.snapshots.list().find((one) => one.snapshotId === known));
  if (snapshot.state !== 'completed')
    throw new AwsError('IncorrectState', `The snapshot '${id}' is not 'completed': it is ${snapshot.state}.`);
  return snapshot;
}

function toVolume(root: BlockDeviceMapping, snapshot: SnapshotView): Image['volume'] {
  const gib = root.Ebs?.VolumeSize ?? snapshot.volumeGiB;
  if (gib < snapshot.volumeGiB)
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${gib}GB is smaller than snapshot '${snapshot.snapshotId}', expect size >= ${snapshot.volumeGiB}GB`,
    );
  return { type: root.Ebs?.VolumeType ?? 'standard', gib, deleteOnTermination: root.Ebs?.DeleteOnTermination ?? true };
}

/** The defaults are EC2's own, and old: i386, paravirtual, no ENA. An image that has them starts on no instance type of today. */
function toImage(ec2: Ec2State, input: RegisterImageRequest): Image {
  const root = getRoot(input);
  const snapshot = getSnapshot(ec2, root.Ebs?.SnapshotId ?? '');
  return {
    id: newId(ec2, 'ami'),
    name: input.Name ?? '',
    description: input.Description ?? '',
    architecture: input.Architecture ?? 'i386',
    virtualizationType: input.VirtualizationType ?? 'paravirtual',
    enaSupport: input.EnaSupport ?? false,
    bootMode: input.BootMode,
    imdsSupport: input.ImdsSupport,
    tpmSupport: input.TpmSupport,
    rootDeviceName: input.RootDeviceName ?? '',
    snapshotId: snapshot.snapshotId,
    volume: toVolume(root, snapshot),
    tags: tagsFor('image', input.TagSpecifications),
    madeAt: ec2.world.time.now(),
    state: 'pending',
  };
}

export const registerImage = (ec2: Ec2State): Operation<RegisterImageRequest, RegisterImageResult> => ({
  schema: RegisterImage$,
  run(input) {
    checkName(ec2, input.Name);
    checkChoices(input);
    const image = toImage(ec2, input);
    checkDryRun(input);
    ec2.images.set(image.id, image);
    ec2.world.trace.add('ec2', 'image registered', { image: image.id, name: image.name, snapshot: image.snapshotId });
    becomeAvailable(ec2, image);
    return { ImageId: image.id };
  },
});

export function becomeAvailable(ec2: Ec2State, image: Image): void {
  ec2.world.time.after(AVAILABLE_AFTER_MS, `${image.id} becomes available`, () => {
    if (ec2.images.get(image.id) !== image) return;
    image.state = 'available';
    announceImage(ec2, image.id, 'available');
  });
}
