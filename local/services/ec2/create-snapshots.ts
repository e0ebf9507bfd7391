import { CreateSnapshot$, CreateSnapshots$ } from '@aws-sdk/client-ec2';
import type { CreateSnapshotRequest, CreateSnapshotsRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { SnapshotReader } from '../../kernel/ports.ts';
import type { Operation } from '../../kernel/service.ts';
import { toSnapshot } from './images.ts';
import { checkDryRun, getById, getInstance, tagsFor } from './state.ts';
import type { Ec2State, IdNames, Instance, Tags, Volume } from './state.ts';

const VOLUME_ID: IdNames = { prefix: 'vol', malformed: 'InvalidVolumeID.Malformed', notFound: 'InvalidVolume.NotFound' };

interface Wanted {
  readonly instance: Instance;
  readonly volumes: readonly Volume[];
  readonly description: string;
  readonly tags: Tags;
}

/** All of one instant, as after a power cut: what the guest still had in memory is not in them. */
async function takeSnapshots(ec2: Ec2State, { instance, volumes, description, tags }: Wanted) {
  const { machine } = instance;
  if (machine?.openDisks === undefined)
    throw new AwsError(
      'UnsupportedOperation',
      `The volumes of '${instance.id}' cannot be copied: no machine of QEMU's has them.`,
    );
  const copies = await machine.openDisks(volumes.map(({ id }) => id));
  return volumes.map(({ id: volumeId }, index) => {
    const copy = copies[index];
    if (copy === undefined) throw new TypeError(`a driver did not copy ${volumeId}`);
    return take(ec2, copy, { volumeId, description, tags });
  });
}

type Copy = SnapshotReader & { readonly release: () => Promise<void> };

function take(ec2: Ec2State, copy: Copy, of: { volumeId: string; description: string; tags: Tags }) {
  const { view, read } = ec2.snapshots.take(copy, of);
  void read.then(() => copy.release());
  return view;
}

export const createSnapshots = (ec2: Ec2State): Operation<CreateSnapshotsRequest, Promise<object>> => ({
  schema: CreateSnapshots$,
  async run(input) {
    const { InstanceId, ExcludeBootVolume, ExcludeDataVolumeIds = [] } = input.InstanceSpecification ?? {};
    const instance = getKept(getInstance(ec2, InstanceId ?? ''));
    const volumes = instance.volumes.filter(
      ({ id }, index) => !(index === 0 && ExcludeBootVolume === true) && !ExcludeDataVolumeIds.includes(id),
    );
    const tags = tagsFor('snapshot', input.TagSpecifications);
    checkDryRun(input);
    const views = await takeSnapshots(ec2, { instance, volumes, description: input.Description ?? '', tags });
    return { Snapshots: views.map((view) => toSnapshot(ec2, view)) };
  },
});

function getKept(instance: Instance): Instance {
  if (instance.state === 'running' || instance.state === 'stopping' || instance.state === 'stopped') return instance;
  throw new AwsError('IncorrectState', `Instance '${instance.id}' is ${instance.state}: it has no volumes that could be copied.`);
}

export const createSnapshot = (ec2: Ec2State): Operation<CreateSnapshotRequest, Promise<object>> => ({
  schema: CreateSnapshot$,
  async run(input) {
    const { instance, volume } = getById(input.VolumeId ?? '', VOLUME_ID, (id) => findVolume(ec2, id));
    const tags = tagsFor('snapshot', input.TagSpecifications);
    checkDryRun(input);
    const wanted = { instance: getKept(instance), volumes: [volume], description: input.Description ?? '', tags };
    const [view] = await takeSnapshots(ec2, wanted);
    return view === undefined ? {} : toSnapshot(ec2, view);
  },
});

function findVolume(ec2: Ec2State, id: string): { instance: Instance; volume: Volume } | undefined {
  for (const instance of ec2.instances.values()) {
    const volume = instance.volumes.find((one) => one.id === id);
    if (volume !== undefined && instance.state !== 'terminated') return { instance, volume };
  }
  return undefined;
}
