/** The instance metadata service as a value: what it answers to a request. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
import type { AccountFacts } from '../../../kernel/world.ts';
import type { Instance } from '../state.ts';
import { isToken, makeToken } from './tokens.ts';

export interface MetadataRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface MetadataAnswer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an instance is told of itself. */
export interface MetadataFacts {
  readonly instance: Instance;
  readonly account: AccountFacts;
  /** Of its profile, if it has one. */
  readonly role: { readonly name: string; readonly profileArn: string } | undefined;
  readonly now: number;
  /** Of this runtime's service only: tokens of others are none here. */
  readonly secret: string;
}

const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'x-aws-ec2-metadata-token';
const LONGEST_TTL = 21_600;
const CREDENTIALS_MS = 6 * 3_600_000;

const refuse = (status: number): MetadataAnswer => ({ status, body: '' });

export function answerMetadata(facts: MetadataFacts, request: MetadataRequest): MetadataAnswer {
  const { metadata } = facts.instance;
  if (!metadata.isOn) return refuse(403);
  const path = request.path.replace(/\?.*$/, '').replace(/\/{2,}/g, '/');
  if (request.method === 'PUT') return path === '/latest/api/token' ? giveToken(facts, request) : refuse(405);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  const token = request.headers[TOKEN];
  const isKnown = token === undefined ? metadata.tokens === 'optional' : isToken(facts, token);
  return isKnown ? answerPath(facts, path) : refuse(401);
}

/** A request that went through a proxy is none of the instance's own. */
function giveToken(facts: MetadataFacts, { headers }: MetadataRequest): MetadataAnswer {
  if (headers['x-forwarded-for'] !== undefined) return refuse(403);
  const ttl = Number(headers[TTL]);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > LONGEST_TTL) return refuse(400);
  return { status: 200, body: makeToken(facts, ttl), headers: { [TTL]: String(ttl) } };
}

interface Tree {
  readonly [name: string]: Tree | string | undefined;
}

function answerPath(facts: MetadataFacts, path: string): MetadataAnswer {
  const [, version, ...rest] = path.split('/');
  if (version === undefined || !/^(latest|\d{4}-\d{2}-\d{2}|1\.0)$/.test(version)) return refuse(404);
  const { userData } = facts.instance;
  if (rest[0] === 'user-data') return userData === undefined ? refuse(404) : { status: 200, body: userData };
  const names = rest.filter((name) => name !== '');
  let at: Tree | string | undefined = treeOf(facts);
  for (const name of names) at = typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined;
  if (at === undefined) return refuse(404);
  return { status: 200, body: typeof at === 'string' ? at : listOf(at) };
}

const listOf = (tree: Tree) =>
  Object.entries(tree)
    .flatMap(([name, below]) => (below === undefined ? [] : [typeof below === 'string' ? name : `${name}/`]))
    .join('\n');

function treeOf(facts: MetadataFacts): Tree {
  return { 'meta-data': metaDataOf(facts), dynamic: { 'instance-identity': { document: documentOf(facts) } } };
}

function metaDataOf({ instance, account, role, now }: MetadataFacts): Tree {
  const { id, image, subnet, address, tags, metadata } = instance;
  const name = `ip-${address.replaceAll('.', '-')}.${account.region}.compute.internal`;
  return {
    'ami-id': image.id,
    'ami-launch-index': String(instance.index),
    hostname: name,
    ...(role && { iam: iamOf(instance, role, now) }),
    'instance-action': 'none',
    'instance-id': id,
    'instance-life-cycle': 'on-demand',
    'instance-type': instance.instanceType,
    'local-hostname': name,
    'local-ipv4': address,
    placement: { 'availability-zone': subnet.zone, region: account.region },
    'reservation-id': instance.reservationId,
    'security-groups': instance.securityGroups.map((group) => group.name).join('\n'),
    services: { domain: 'amazonaws.com', partition: account.partition, endpoint: seenFromGuest(account.endpoint) },
    // A `/` in a key has no place in a path; EC2 refuses such tags where metadata shows them.
    ...(metadata.showsTags && {
      tags: { instance: Object.fromEntries(Object.entries(tags).filter(([key]) => !key.includes('/'))) },
    }),
  };
}

/**
 * Not of AWS: where the local account answers a guest, which has the runtime's loopback at 169.254.0.2. On AWS this is
 * 404, and AWS's own names are to be used.
 */
const seenFromGuest = (endpoint: string) => endpoint.replace(/\/\/[^:/]+/, '//169.254.0.2');

function iamOf({ id }: Instance, role: { readonly name: string; readonly profileArn: string }, now: number): Tree {
  const at = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  const info = {
    Code: 'Success',
    LastUpdated: at,
    InstanceProfileArn: role.profileArn,
    InstanceProfileId: `AIPA${id.slice(2).toUpperCase()}`,
  };
  const expires = new Date(now + CREDENTIALS_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  // The local account takes any credentials; these say whose they are.
  const credentials = {
    Code: 'Success',
    LastUpdated: at,
    Type: 'AWS-HMAC',
    AccessKeyId: `ASIA${id.slice(2).toUpperCase()}`,
    SecretAccessKey: 'local',
    Token: `local/${role.name}/${id}`,
    Expiration: expires,
  };
  return { info: JSON.stringify(info, null, 2), 'security-credentials': { [role.name]: JSON.stringify(credentials, null, 2) } };
}

const documentOf = ({ instance, account }: MetadataFacts) =>
  JSON.stringify(
    {
      accountId: account.id,
      architecture: instance.image.architecture,
      availabilityZone: instance.subnet.zone,
      imageId: instance.image.id,
      instanceId: instance.id,
      instanceType: instance.instanceType,
      pendingTime: new Date(instance.launchedAt).toISOString(),
      privateIp: instance.address,
      region: account.region,
      version: '2017-09-30',
    },
    null,
    2,
  );
