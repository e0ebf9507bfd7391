import { takeProperties } from '../../kernel/properties.ts';
import type { Properties } from '../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../kernel/service.ts';
import type { TemplateData } from './launch-template.ts';
import { newId } from './state.ts';
import type { Ec2State, Tags } from './state.ts';

const DATA = [
  'ImageId',
  'InstanceType',
  'IamInstanceProfile',
  'SecurityGroupIds',
  'InstanceInitiatedShutdownBehavior',
  'UserData',
  'MetadataOptions',
  'TagSpecifications',
] as const;

const IGNORED_DATA = {
  Monitoring: 'instances have no metrics of their own here',
  EbsOptimized: 'disks are files',
  BlockDeviceMappings: 'the disk is the image, on the disk of this machine',
};

function toTags(specifications: readonly Properties<'ResourceType' | 'Tags'>[]): Readonly<Record<string, Tags>> {
  return Object.fromEntries(specifications.map((one) => [one.getText('ResourceType'), one.tags('Tags')]));
}

function toData(data: Properties<(typeof DATA)[number]>): TemplateData {
  const profile = data.item('IamInstanceProfile', ['Arn', 'Name']);
  const metadata = data.item('MetadataOptions', ['HttpTokens'], {
    HttpEndpoint: 'the process driver has no metadata service',
    HttpPutResponseHopLimit: 'the process driver has no metadata service',
    HttpProtocolIpv6: 'the process driver has no metadata service',
    InstanceMetadataTags: 'the process driver has no metadata service',
  });
  return {
    imageId: data.text('ImageId'),
    instanceType: data.text('InstanceType'),
    instanceProfile: profile?.text('Arn') ?? profile?.text('Name'),
    securityGroupIds: data.texts('SecurityGroupIds'),
    shutdownBehavior: data.text('InstanceInitiatedShutdownBehavior'),
    userData: data.text('UserData'),
    requiresImdsV2: metadata?.text('HttpTokens') === 'required',
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
  const id = newId(ec2, 'lt');
  const madeAt = ec2.world.time.now();
  ec2.templates.set(id, {
    id,
    name: properties.text('LaunchTemplateName') ?? `${resource.logicalId}_${ec2.world.random.hex(12)}`,
    madeAt,
    versions:
      data === undefined ? [] : [{ data: toData(data), madeAt, description: properties.text('VersionDescription') ?? '' }],
    tags: toTags(properties.items('TagSpecifications', ['ResourceType', 'Tags']))['launch-template'] ?? {},
  });
  return { ref: id, attributes: { LaunchTemplateId: id, LatestVersionNumber: '1', DefaultVersionNumber: '1' } };
}
