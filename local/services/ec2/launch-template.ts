import { DescribeLaunchTemplates$, DescribeLaunchTemplateVersions$ } from '@aws-sdk/client-ec2';
import type {
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  DescribeLaunchTemplateVersionsRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { matchesFilters } from './filters.ts';
import { toTagList } from './state.ts';
import type { Ec2State, LaunchTemplate, Tags } from './state.ts';
import type { VolumeMapping } from './volumes.ts';

export interface MetadataRequest {
  readonly HttpEndpoint?: string | undefined;
  readonly HttpTokens?: string | undefined;
  readonly InstanceMetadataTags?: string | undefined;
}

/** What RunInstances takes from a template. */
export interface TemplateData {
  readonly imageId?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly instanceProfile?: string | undefined;
  readonly securityGroupIds: readonly string[];
  readonly shutdownBehavior?: string | undefined;
  readonly userData?: string | undefined;
  readonly metadata: MetadataRequest;
  readonly volumes: readonly VolumeMapping[];
  readonly hints: Readonly<Record<string, string>>;
  /** By resource type. */
  readonly tags: Readonly<Record<string, Tags>>;
}

interface Reference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export function getTemplate(ec2: Ec2State, { LaunchTemplateId: id, LaunchTemplateName: name }: Reference): LaunchTemplate {
  if ((id === undefined) === (name === undefined))
    throw new AwsError('MissingParameter', 'The request must contain exactly one of LaunchTemplateId and LaunchTemplateName.');
  const template = [...ec2.templates.values()].find((known) => (id === undefined ? known.name === name : known.id === id));
  if (template !== undefined) return template;
  if (name !== undefined)
    throw new AwsError(
      'InvalidLaunchTemplateName.NotFoundException',
      `At least one of the launch templates specified in the request does not exist: ${name}`,
    );
  throw new AwsError(
    'InvalidLaunchTemplateId.NotFound',
    `The specified launch template, with template ID ${id ?? ''}, does not exist.`,
  );
}

/** `$Default` (also when nothing is said), `$Latest`, or a number. */
export function getTemplateVersion(template: LaunchTemplate, version = '$Default'): number {
  const number =
    version === '$Default' || version === '' ? 1 : version === '$Latest' ? template.versions.length : Number(version);
  if (template.versions[number - 1] !== undefined) return number;
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
  );
}

export function getTemplateData(ec2: Ec2State, reference: Reference & { readonly Version?: string | undefined }): TemplateData {
  const template = getTemplate(ec2, reference);
  const version = template.versions[getTemplateVersion(template, reference.Version) - 1];
  if (version === undefined) throw new TypeError(`launch template ${template.id} lost a version`);
  return version.data;
}

const wanted = (one: readonly string[] | undefined, value: string) =>
  one === undefined || one.length === 0 || one.includes(value);

export const describeLaunchTemplates = (
  ec2: Ec2State,
): Operation<DescribeLaunchTemplatesRequest, DescribeLaunchTemplatesResult> => ({
  schema: DescribeLaunchTemplates$,
  run(input) {
    for (const LaunchTemplateId of input.LaunchTemplateIds ?? []) getTemplate(ec2, { LaunchTemplateId });
    for (const LaunchTemplateName of input.LaunchTemplateNames ?? []) getTemplate(ec2, { LaunchTemplateName });
    const templates = [...ec2.templates.values()].filter(
      ({ id, name, tags }) =>
        wanted(input.LaunchTemplateIds, id) &&
        wanted(input.LaunchTemplateNames, name) &&
        matchesFilters(input.Filters, { 'launch-template-name': [name] }, tags),
    );
    return { LaunchTemplates: templates.map((template) => toTemplate(ec2, template)) };
  },
});

const toTemplate = (ec2: Ec2State, { id, name, madeAt, versions, tags }: LaunchTemplate) => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  CreateTime: new Date(madeAt),
  CreatedBy: `arn:${ec2.world.account.partition}:iam::${ec2.world.account.id}:root`,
  DefaultVersionNumber: 1,
  LatestVersionNumber: versions.length,
  Tags: toTagList(tags),
});

export const describeLaunchTemplateVersions = (ec2: Ec2State): Operation<DescribeLaunchTemplateVersionsRequest> => ({
  schema: DescribeLaunchTemplateVersions$,
  run(input) {
    const template = getTemplate(ec2, input);
    const numbers =
      input.Versions?.map((version) => getTemplateVersion(template, version)) ?? template.versions.map((_, index) => index + 1);
    return { LaunchTemplateVersions: numbers.flatMap((number) => toVersion(template, number)) };
  },
});

function toVersion(template: LaunchTemplate, number: number) {
  const version = template.versions[number - 1];
  if (version === undefined) return [];
  const { data, madeAt, description } = version;
  return [
    {
      LaunchTemplateId: template.id,
      LaunchTemplateName: template.name,
      VersionNumber: number,
      VersionDescription: description,
      DefaultVersion: number === 1,
      CreateTime: new Date(madeAt),
      LaunchTemplateData: toData(data),
    },
  ];
}

const toData = (data: TemplateData) => ({
  ImageId: data.imageId,
  InstanceType: data.instanceType,
  ...(data.instanceProfile && { IamInstanceProfile: { Arn: data.instanceProfile } }),
  SecurityGroupIds: data.securityGroupIds,
  InstanceInitiatedShutdownBehavior: data.shutdownBehavior,
  UserData: data.userData,
  MetadataOptions: data.metadata,
});
