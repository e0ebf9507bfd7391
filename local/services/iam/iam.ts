import { createHash } from 'node:crypto';
import { takeProperties } from '../../kernel/properties.ts';
import type { InstanceProfile, InstanceProfiles } from '../../kernel/ports.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';

const GAPS = [
  'roles and policies exist by name and ARN only: rights are not judged, so a call that AWS would deny succeeds here',
];

const RIGHTS = 'rights are not judged locally; tests hold the template to them';
const ROLE_IGNORED = {
  AssumeRolePolicyDocument: RIGHTS,
  ManagedPolicyArns: RIGHTS,
  Policies: RIGHTS,
  PermissionsBoundary: RIGHTS,
  MaxSessionDuration: RIGHTS,
  Description: 'nothing here shows it',
  Tags: 'nothing here asks for a role by its tags',
};
const POLICY_IGNORED = {
  PolicyDocument: RIGHTS,
  Roles: RIGHTS,
  Users: RIGHTS,
  Groups: RIGHTS,
  Description: 'nothing here shows it',
};

/** Declared only: enough for what refers to a role. */
export function createIam(world: World): LocalService & InstanceProfiles {
  const arn = (kind: string, name: string, path = '/') =>
    `arn:${world.account.partition}:iam::${world.account.id}:${kind}${path}${name}`;
  const profiles = new Map<string, InstanceProfile>();
  return {
    find: (profile) => profiles.get(profile.split('/').at(-1) ?? ''),
    name: 'iam',
    gaps: GAPS,
    operations: {},
    resources: {
      'AWS::IAM::Role': (resource) => {
        const properties = takeProperties(resource, ['RoleName', 'Path'], ROLE_IGNORED);
        const name = properties.text('RoleName') ?? madeName(resource);
        return { ref: name, attributes: { Arn: arn('role', name, properties.text('Path')), RoleId: id('AROA', name) } };
      },
      'AWS::IAM::InstanceProfile': (resource) => {
        const properties = takeProperties(resource, ['InstanceProfileName', 'Path', 'Roles']);
        const name = properties.text('InstanceProfileName') ?? madeName(resource);
        const own = arn('instance-profile', name, properties.text('Path'));
        // A profile has one role (IAM quotas).
        profiles.set(name, { arn: own, role: properties.texts('Roles')[0] ?? '' });
        return { ref: name, attributes: { Arn: own } };
      },
      'AWS::IAM::ManagedPolicy': (resource) => {
        const properties = takeProperties(resource, ['ManagedPolicyName', 'Path'], POLICY_IGNORED);
        const own = arn('policy', properties.text('ManagedPolicyName') ?? madeName(resource), properties.text('Path'));
        return { ref: own, attributes: { PolicyArn: own } };
      },
      'AWS::IAM::Policy': (resource): Physical => {
        takeProperties(resource, ['PolicyName'], POLICY_IGNORED);
        return { ref: madeName(resource), attributes: { Id: madeName(resource) } };
      },
    },
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').toUpperCase();

const madeName = ({ stack, logicalId }: DeclaredResource) =>
  `${stack.slice(0, 24)}-${logicalId.slice(0, 24)}-${digest(`${stack}/${logicalId}`).slice(0, 12)}`;

const id = (prefix: string, name: string) => `${prefix}${digest(name).slice(0, 17)}`;
