import { takeProperties } from '../../kernel/properties.ts';
import type { Properties } from '../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../kernel/service.ts';
import type { TemplateData } from './launch-template.ts';
import { newId } from './state.ts';
import type { Ec2State, Tags } from './state.ts';
import type { VolumeMapping } from './volumes.ts';

const DATA = [
  'ImageId',
  'InstanceType',
  'IamInstanceProfile',
  'SecurityGroupIds',
  'InstanceInitiatedShutdownBehavior',
  'UserData',
  'MetadataOptions',
  'BlockDeviceMappings',
  'TagSpecifications',
] as const;

const IGNORED_DATA = {
  Monitoring: 'instances have no metrics of their own here',
  EbsOptimized: 'disks are files',
};

/** What a tag of a launch template says to local runtimes only: `local:disk`, `local:nic`, `local:memoryMiB`. */
const HINT = 'local:';

const hintsOf = (tags: Tags): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => (key.startsWith(HINT) ? [[key.slice(HINT.length), value]] : [])),
  );

const A_FILE = 'volumes are files on the disk of this machine';
const IGNORED_EBS = { VolumeType: A_FILE, Iops: A_FILE, Throughput: A_FILE, Encrypted: A_FILE, KmsKeyId: A_FILE };

function toVolume(mapping: Properties<'DeviceName' | 'Ebs'>): VolumeMapping {
  const ebs = mapping.item('Ebs', ['SnapshotId', 'VolumeSize', 'DeleteOnTermination'], IGNORED_EBS);
  return {
    device: mapping.getText('DeviceName'),
    snapshotId: ebs?.text('SnapshotId'),
    gib: ebs?.number('VolumeSize'),
    deleteOnTermination: ebs?.flag('DeleteOnTermination'),
  };
}

function toTags(specifications: readonly Properties<'ResourceType' | 'Tags'>[]): Readonly<Record<string, Tags>> {
  return Object.fromEntries(specifications.map((one) => [one.getText('ResourceType'), one.tags('Tags')]));
}

function toData(data: Properties<(typeof DATA)[number]>, tags: Tags): TemplateData {
  const profile = data.item('IamInstanceProfile', ['Arn', 'Name']);
  const metadata = data.item('MetadataOptions', ['HttpTokens', 'HttpEndpoint', 'InstanceMetadataTags'], {
    HttpPutResponseHopLimit: 'nothing here can tell how far from the guest’s own kernel a request began',
    HttpProtocolIpv6: 'there is no IPv6 here',
  });
  return {
    imageId: data.text('ImageId'),
    instanceType: data.text('InstanceType'),
    instanceProfile: profile?.text('Arn') ?? profile?.text('Name'),
    securityGroupIds: data.texts('SecurityGroupIds'),
    shutdownBehavior: data.text('InstanceInitiatedShutdownBehavior'),
    userData: data.text('UserData'),
    metadata: {
      HttpTokens: metadata?.text('HttpTokens'),
      HttpEndpoint: metadata?.text('HttpEndpoint'),
      InstanceMetadataTags: metadata?.text('InstanceMetadataTags'),
    },
    volumes: data.items('BlockDeviceMappings', ['DeviceName', 'Ebs']).map(toVolume),
    hints: hintsOf(tags),
    tags: toTags(data.items('TagSpecifications', ['ResourceType', 'Tags'])),
  };
}

export function declareLaunchTemplate(ec2: Ec2State, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, [
    'LaunchTemplateName',
    'LaunchTemplateData',
    'TagSpecifications',
    'VersionDescription',
  ]);
  const data = properties.item('LaunchTemplateData', DATA, IGNORED_DATA);
  const tags = toTags(properties.items('TagSpecifications', ['ResourceType', 'Tags']))['launch-template'] ?? {};
  const id = newId(ec2, 'lt');
  const madeAt = ec2.world.time.now();
  ec2.templates.set(id, {
    id,
    name: properties.text('LaunchTemplateName') ?? `${resource.logicalId}_${ec2.world.random.hex(12)}`,
    madeAt,
    versions:
      data === undefined ? [] : [{ data: toData(data, tags), madeAt, description: properties.text('VersionDescription') ?? '' }],
    tags,
  });
  return { ref: id, attributes: { LaunchTemplateId: id, LatestVersionNumber: '1', DefaultVersionNumber: '1' } };
}
