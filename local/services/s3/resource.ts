import { takeProperties, TemplateError } from '../../kernel/properties.ts';
import type { Properties } from '../../kernel/properties.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import type { Bucket, LifecycleRule, S3State } from './bucket.ts';

const KNOWN = ['BucketName', 'VersioningConfiguration', 'NotificationConfiguration', 'LifecycleConfiguration'] as const;

const IGNORED = {
  BucketEncryption: 'bytes lie on the disk of this machine',
  PublicAccessBlockConfiguration: 'the gateway listens on loopback only',
  OwnershipControls: 'there is one account',
  LoggingConfiguration: 'S3 delivers server access logs after hours, best effort; nothing here reads them',
  Tags: 'nothing here asks for a bucket by its tags',
  AccessControl: 'there is one account',
};

const RULE = ['Status', 'Prefix', 'ExpirationInDays', 'NoncurrentVersionExpiration', 'AbortIncompleteMultipartUpload'] as const;

function toRule(rule: Properties<(typeof RULE)[number] | 'Id'>): LifecycleRule {
  return {
    prefix: rule.text('Prefix') ?? '',
    expirationDays: rule.number('ExpirationInDays'),
    noncurrentDays: rule.item('NoncurrentVersionExpiration', ['NoncurrentDays'])?.getNumber('NoncurrentDays'),
    abortUploadDays: rule.item('AbortIncompleteMultipartUpload', ['DaysAfterInitiation'])?.getNumber('DaysAfterInitiation'),
  };
}

function toLifecycle(properties: Properties<(typeof KNOWN)[number]>): readonly LifecycleRule[] {
  const configuration = properties.item('LifecycleConfiguration', ['Rules']);
  const rules = configuration?.items('Rules', [...RULE, 'Id']) ?? [];
  return rules.filter((rule) => rule.getText('Status') === 'Enabled').map(toRule);
}

function toVersioning(properties: Properties<(typeof KNOWN)[number]>, path: string): Bucket['versioning'] {
  const status = properties.item('VersioningConfiguration', ['Status'])?.getText('Status');
  if (status === undefined || status === 'Enabled' || status === 'Suspended') return status;
  throw new TemplateError(`${path}: VersioningConfiguration.Status is "${status}"; it may be Enabled or Suspended`);
}

/** As CloudFormation names what has no name: stack, logical id and some chance, in what S3 allows. */
function madeName(s3: S3State, { stack, logicalId }: DeclaredResource): string {
  const readable = `${stack}-${logicalId}`.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  return `${readable.slice(0, 50)}-${s3.world.random.hex(12)}`;
}

function declareBucket(s3: S3State, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, KNOWN, IGNORED);
  const name = properties.text('BucketName') ?? madeName(s3, resource);
  if (s3.buckets.has(name)) throw new TemplateError(`${resource.path}: there already is a bucket "${name}"`);
  const notification = properties.item('NotificationConfiguration', ['EventBridgeConfiguration']);
  const eventBridge = notification?.item('EventBridgeConfiguration', ['EventBridgeEnabled']);
  s3.buckets.set(name, {
    name,
    madeAt: s3.world.time.now(),
    versioning: toVersioning(properties, resource.path),
    notifiesEventBridge: eventBridge !== undefined && eventBridge.flag('EventBridgeEnabled') !== false,
    lifecycle: toLifecycle(properties),
    versions: new Map(),
    uploads: new Map(),
  });
  const { partition, region } = s3.world.account;
  return {
    ref: name,
    attributes: {
      Arn: `arn:${partition}:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
  };
}

/** Rights are not judged here: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html */
function declareBucketPolicy(resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['Bucket'], {
    PolicyDocument: 'rights are not judged locally; tests hold the template to them',
  });
  return { ref: properties.getText('Bucket'), attributes: {} };
}

export const s3Resources = (s3: S3State): LocalService['resources'] => ({
  'AWS::S3::Bucket': (resource) => declareBucket(s3, resource),
  'AWS::S3::BucketPolicy': declareBucketPolicy,
});
