import {
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  type EC2Client,
  type Filter,
  type Image,
  RegisterImageCommand,
  type RegisterImageCommandInput,
  paginateDescribeImages,
} from '@aws-sdk/client-ec2';
import { imageNameTaken } from '../core/errors.ts';
import type { BakedImage, Images } from '../core/image/ports.ts';
import { BUILDS } from '../core/service/service.ts';
import { failureName } from './aws-failure.ts';
import { BLOCKS, BUILD, RELEASE, SERVICE, STACK, tagValue, taggedBy, toTags } from './tags.ts';

type Registration = Parameters<Images['register']>[0];

const GONE = new Set(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable']);
const SNAPSHOT_GONE = 'InvalidSnapshot.NotFound';

export class Ec2Images implements Images {
  private readonly client: EC2Client;
  private readonly stack: string;

  constructor(client: EC2Client, stack: string) {
    this.client = client;
    this.stack = stack;
  }

  /** RegisterImage has no client token: the name is what makes a repeat find the first one's image. */
  async register(image: Registration): Promise<string> {
    const input = toRegisterImage(this.stack, image);
    try {
      const { ImageId } = await this.client.send(new RegisterImageCommand(input));
      if (ImageId) return ImageId;
    } catch (cause) {
      if (failureName(cause) !== 'InvalidAMIName.Duplicate') throw cause;
    }
    return this.registered(input.Name ?? '', image.blocks);
  }

  async find(imageId: string): Promise<BakedImage | undefined> {
    return (await this.describe({ ImageIds: [imageId] })).flatMap(toBakedImage)[0];
  }

  async list(service: string): Promise<readonly BakedImage[]> {
    return (await this.describe({ Filters: taggedBy(this.stack, service) })).flatMap(toBakedImage);
  }

  async remove(imageId: string): Promise<void> {
    const [image] = await this.describe({ ImageIds: [imageId] });
    if (!image) return;
    const deleted = await this.deregister(imageId);
    for (const snapshotId of snapshotsOf(image)) if (!deleted.has(snapshotId)) await this.deleteSnapshot(snapshotId);
  }

  private async registered(name: string, blocks: string): Promise<string> {
    const [image] = await this.describe({ Filters: [{ Name: 'name', Values: [name] }] });
    // Registered a moment ago by a call whose answer was lost: lists are some seconds late, and asking again finds it.
    if (!image?.ImageId) throw new Error(`The image named ${name} is not listed yet`);
    const found = tagValue(image.Tags, BLOCKS) ?? 'none';
    if (found !== blocks) throw imageNameTaken(name, blocks, found);
    return image.ImageId;
  }

  private async describe(query: { readonly ImageIds?: string[]; readonly Filters?: Filter[] }) {
    const images: Image[] = [];
    try {
      for await (const page of paginateDescribeImages({ client: this.client }, { Owners: ['self'], ...query }))
        images.push(...(page.Images ?? []));
    } catch (cause) {
      if (!GONE.has(failureName(cause))) throw cause;
    }
    return images;
  }

  private async deregister(ImageId: string): Promise<ReadonlySet<string>> {
    try {
      const { DeleteSnapshotResults } = await this.client.send(
        new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true }),
      );
      const done = (DeleteSnapshotResults ?? []).filter((result) => result.ReturnCode === 'success');
      return new Set(done.flatMap(({ SnapshotId }) => SnapshotId ?? []));
    } catch (cause) {
      if (!GONE.has(failureName(cause))) throw cause;
      return new Set();
    }
  }

  private async deleteSnapshot(SnapshotId: string): Promise<void> {
    try {
      await this.client.send(new DeleteSnapshotCommand({ SnapshotId }));
    } catch (cause) {
      if (failureName(cause) !== SNAPSHOT_GONE) throw cause;
    }
  }
}

/** Graviton families have a `g` after the generation (t4g, m7gd, c8gn, im4gn); a1 came before that rule. */
export const isArm = (instanceType: string) => /^(a1|[a-z]+\d+g[a-z]*)\./.test(instanceType);

const snapshotsOf = (image: Image) => (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);

/**
 * Every field is said, because RegisterImage's defaults are those of 2007: i386, paravirtual, no ENA. The root
 * volume's encryption follows the snapshot's, which follows the account's default. Graviton boots by UEFI only.
 */
export function toRegisterImage(stack: string, image: Registration): RegisterImageCommandInput {
  const { service, version, build, snapshotId, blocks } = image;
  const { name, instanceTypes, bootMode } = service.file;
  const arm = isArm(instanceTypes[build]);
  const tags = { [STACK]: stack, [SERVICE]: name, [RELEASE]: version, [BUILD]: build, [BLOCKS]: blocks };
  return {
    Name: `${stack}/${name}/${version}/${build}`,
    Description: `${name} ${version}, ${build} build`,
    Architecture: arm ? 'arm64' : 'x86_64',
    BootMode: arm ? 'uefi' : bootMode,
    VirtualizationType: 'hvm',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId, VolumeType: 'gp3', DeleteOnTermination: true } },
    ],
    EnaSupport: true,
    ImdsSupport: 'v2.0',
    TagSpecifications: [{ ResourceType: 'image', Tags: toTags({ Name: `${name} ${version} ${build}`, ...tags }) }],
  };
}

const STATES: Readonly<Record<string, BakedImage['state']>> = {
  pending: 'pending',
  transient: 'pending',
  available: 'available',
  failed: 'failed',
  error: 'failed',
  invalid: 'failed',
};

/** Deregistered and disabled images are none; nor is one that does not say what it was baked from. */
export function toBakedImage(image: Image): readonly BakedImage[] {
  const state = STATES[image.State ?? ''];
  const version = tagValue(image.Tags, RELEASE);
  const build = BUILDS.find((name) => name === tagValue(image.Tags, BUILD));
  if (!image.ImageId || !state || !version || !build) return [];
  const snapshotId = snapshotsOf(image)[0];
  const madeAt = Date.parse(image.CreationDate ?? '') || 0;
  return [{ imageId: image.ImageId, version, build, state, madeAt, ...(snapshotId && { snapshotId }) }];
}
