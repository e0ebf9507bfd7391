/** A template's table as CreateTable's input. */
import { physicalName } from '../../kernel/physical-name.ts';
import { takeProperties } from '../../kernel/properties.ts';
import type { IgnoredProperties, Properties } from '../../kernel/properties.ts';
import type { DeclaredResource } from '../../kernel/service.ts';

const IGNORED: IgnoredProperties = {
  PointInTimeRecoverySpecification: 'there are no backups here',
  TimeToLiveSpecification: 'items do not expire; AWS may take days for it, so nothing may depend on it',
  SSESpecification: 'nothing is encrypted on one machine',
  DeletionProtectionEnabled: 'stacks are not deleted here',
  ContributorInsightsSpecification: 'no insights',
  KinesisStreamSpecification: 'no Kinesis',
  TableClass: 'a matter of price',
  Tags: 'tables are not found by tags here',
  OnDemandThroughput: 'nothing is limited',
  WarmThroughput: 'nothing is limited',
};

const KNOWN = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
] as const;
const INDEX = ['IndexName', 'KeySchema', 'Projection'] as const;
const IGNORED_OF_INDEX: IgnoredProperties = {
  ContributorInsightsSpecification: 'no insights',
  OnDemandThroughput: 'nothing is limited',
  WarmThroughput: 'nothing is limited',
  ProvisionedThroughput: 'all tables are on demand here',
  WriteProvisionedThroughputSettings: 'all tables are on demand here',
  WriteOnDemandThroughputSettings: 'nothing is limited',
};

export interface TableInput {
  readonly TableName: string;
  readonly [name: string]: unknown;
}

export function toTable(resource: DeclaredResource): TableInput {
  const ignored = { ...IGNORED, ProvisionedThroughput: 'all tables are on demand here' };
  return toInput(resource, takeProperties(resource, KNOWN, ignored));
}

/** CDK's TableV2: the table is described once, and each of its regions is a replica. One region is all there is here. */
export function toGlobalTable(resource: DeclaredResource): TableInput {
  const ignored = {
    ...IGNORED,
    WriteProvisionedThroughputSettings: 'all tables are on demand here',
    WriteOnDemandThroughputSettings: 'nothing is limited',
  };
  const properties = takeProperties(resource, [...KNOWN, 'Replicas'], ignored);
  const replicas = properties.items('Replicas', ['Region'], { ...IGNORED, ResourcePolicy: 'rights are not judged' });
  if (replicas.length > 1)
    throw new TypeError(`${resource.path}: the local runtime has one region, the table has ${replicas.length} replicas`);
  return toInput(resource, properties);
}

function toInput(resource: DeclaredResource, properties: Properties<(typeof KNOWN)[number]>): TableInput {
  const indexes = (name: 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes') => {
    const found = properties.items(name, INDEX, IGNORED_OF_INDEX);
    return found.length === 0 ? {} : { [name]: found.map(toIndex) };
  };
  return {
    TableName: properties.text('TableName') ?? physicalName(resource),
    AttributeDefinitions: properties.raw('AttributeDefinitions'),
    KeySchema: properties.raw('KeySchema'),
    BillingMode: 'PAY_PER_REQUEST',
    ...indexes('GlobalSecondaryIndexes'),
    ...indexes('LocalSecondaryIndexes'),
  };
}

const toIndex = (index: Properties<(typeof INDEX)[number]>) => ({
  IndexName: index.getText('IndexName'),
  KeySchema: index.raw('KeySchema'),
  Projection: index.raw('Projection'),
});
