import { DeleteSnapshot$, DeregisterImage$, DescribeImages$, DescribeSnapshots$ } from '@aws-sdk/client-ec2';
import type {
  DeleteSnapshotRequest,
  DeregisterImageRequest,
  DeregisterImageResult,
  DescribeImagesRequest,
  DescribeSnapshotsRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { SnapshotView } from '../../kernel/ports.ts';
import type { Operation } from '../../kernel/service.ts';
import { announceImage } from './events.ts';
import { matchesFilters, toPage } from './filters.ts';
import { checkDryRun, getById, IMAGE_ID, SNAPSHOT_ID, toTagList } from './state.ts';
import type { Ec2State, Image } from './state.ts';

const ownedHere = (ec2: Ec2State, owners: readonly string[] | undefined) =>
  owners === undefined || owners.length === 0 || owners.includes('self') || owners.includes(ec2.world.account.id);

export const describeImages = (ec2: Ec2State): Operation<DescribeImagesRequest> => ({
  schema: DescribeImages$,
  run(input) {
    const named = input.ImageIds?.map((id) => getById(id, IMAGE_ID, (known) => ec2.images.get(known)));
    const images = (named ?? [...ec2.images.values()]).filter(
      (image) => ownedHere(ec2, input.Owners) && matchesFilters(input.Filters, imageFields(ec2, image), image.tags),
    );
    const { page, next } = toPage(images, input);
    return { Images: page.map((image) => toImage(ec2, image)), NextToken: next };
  },
});

const imageFields = (ec2: Ec2State, image: Image) => ({
  name: [image.name],
  'image-id': [image.id],
  state: [image.state],
  architecture: [image.architecture],
  'owner-id': [ec2.world.account.id],
  'block-device-mapping.snapshot-id': [image.snapshotId],
});

const toImage = (ec2: Ec2State, image: Image) => ({
  ImageId: image.id,
  Name: image.name,
  Description: image.description,
  State: image.state,
  OwnerId: ec2.world.account.id,
  ImageLocation: `${ec2.world.account.id}/${image.name}`,
  CreationDate: new Date(image.madeAt).toISOString(),
  Public: false,
  ImageType: 'machine',
  Architecture: image.architecture,
  VirtualizationType: image.virtualizationType,
  EnaSupport: image.enaSupport,
  BootMode: image.bootMode,
  ImdsSupport: image.imdsSupport,
  TpmSupport: image.tpmSupport,
  RootDeviceName: image.rootDeviceName,
  RootDeviceType: 'ebs',
  BlockDeviceMappings: [
    {
      DeviceName: image.rootDeviceName,
      Ebs: {
        SnapshotId: image.snapshotId,
        VolumeSize: image.volume.gib,
        VolumeType: image.volume.type,
        DeleteOnTermination: image.volume.deleteOnTermination,
        Encrypted: false,
      },
    },
  ],
  Tags: toTagList(image.tags),
});

export const deregisterImage = (ec2: Ec2State): Operation<DeregisterImageRequest, DeregisterImageResult> => ({
  schema: DeregisterImage$,
  run(input) {
    const image = getById(input.ImageId ?? '', IMAGE_ID, (id) => ec2.images.get(id));
    checkDryRun(input);
    ec2.images.delete(image.id);
    announceImage(ec2, image.id, 'deregistered');
    if (input.DeleteAssociatedSnapshots !== true) return { Return: true };
    const isShared = userOf(ec2, image.snapshotId) !== undefined;
    if (!isShared) ec2.snapshots.remove(image.snapshotId);
    return {
      Return: true,
      DeleteSnapshotResults: [{ SnapshotId: image.snapshotId, ReturnCode: isShared ? 'skipped' : 'success' }],
    };
  },
});

const userOf = (ec2: Ec2State, snapshotId: string) => [...ec2.images.values()].find((image) => image.snapshotId === snapshotId);

const getSnapshot = (ec2: Ec2State, id: string) =>
  getById(id, SNAPSHOT_ID, (known) => ec2.snapshots.list().find((snapshot) => snapshot.snapshotId === known));

export const deleteSnapshot = (ec2: Ec2State): Operation<DeleteSnapshotRequest, object> => ({
  schema: DeleteSnapshot$,
  run(input) {
    const { snapshotId } = getSnapshot(ec2, input.SnapshotId ?? '');
    const user = userOf(ec2, snapshotId);
    if (user !== undefined)
      throw new AwsError('InvalidSnapshot.InUse', `The snapshot ${snapshotId} is currently in use by ${user.id}`);
    checkDryRun(input);
    ec2.snapshots.remove(snapshotId);
    return {};
  },
});

export const describeSnapshots = (ec2: Ec2State): Operation<DescribeSnapshotsRequest> => ({
  schema: DescribeSnapshots$,
  run(input) {
    const named = input.SnapshotIds?.map((id) => getSnapshot(ec2, id));
    const snapshots = (named ?? ec2.snapshots.list()).filter(
      (snapshot) => ownedHere(ec2, input.OwnerIds) && matchesFilters(input.Filters, snapshotFields(ec2, snapshot), snapshot.tags),
    );
    const { page, next } = toPage(
      snapshots.map((snapshot) => ({ id: snapshot.snapshotId, snapshot })),
      input,
    );
    return { Snapshots: page.map(({ snapshot }) => toSnapshot(ec2, snapshot)), NextToken: next };
  },
});

const snapshotFields = (ec2: Ec2State, snapshot: SnapshotView) => ({
  'snapshot-id': [snapshot.snapshotId],
  status: [snapshot.state],
  description: [snapshot.description],
  'volume-size': [String(snapshot.volumeGiB)],
  'owner-id': [ec2.world.account.id],
  'volume-id': [snapshot.volumeId],
});

export const toSnapshot = (ec2: Ec2State, snapshot: SnapshotView) => ({
  SnapshotId: snapshot.snapshotId,
  State: snapshot.state,
  StateMessage: snapshot.stateMessage,
  OwnerId: ec2.world.account.id,
  StartTime: new Date(snapshot.startedAt),
  Progress: snapshot.state === 'completed' ? '100%' : '',
  VolumeSize: snapshot.volumeGiB,
  // What EC2 says of a snapshot that was taken of no volume.
  VolumeId: snapshot.volumeId ?? 'vol-ffffffff',
  Description: snapshot.description,
  Encrypted: false,
  StorageTier: 'standard',
  Tags: toTagList(snapshot.tags),
});
