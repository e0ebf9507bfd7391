/** What the account tells of failed nodes: their slots while they are replaced, then their fault records. */
import { DescribeInstancesCommand, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Account } from './account.ts';

type Item = Readonly<Record<string, unknown>>;

/** A node that failed, while its slot still knows of it. Account time, milliseconds. */
export interface Remedy {
  readonly faultId: string;
  readonly launchedAt: number | undefined;
  readonly healthyAt: number | undefined;
}

/** A node that fills a slot. */
export interface Filled {
  readonly instanceId: string;
  readonly version: string;
  readonly build: string;
  readonly group: string;
  /** The nth instance of its slot. */
  readonly attempt: number;
  readonly launchedAt: number;
}

export interface Fault {
  readonly id: string;
  readonly instanceId: string;
  readonly build: string;
  readonly way: string;
  readonly crashClass: string;
  readonly fingerprint: string;
  readonly summary: string;
  readonly captured: number;
  readonly missed: number;
  readonly escalation: string;
  /** Why it led to that. */
  readonly why: string;
  readonly notified: boolean;
}

const field = (item: unknown, name: string): unknown =>
  typeof item === 'object' && item !== null ? Reflect.get(item, name) : undefined;
const text = (item: unknown, name: string) => {
  const value = field(item, name);
  return typeof value === 'string' ? value : '';
};
const number = (item: unknown, name: string) => {
  const value = field(item, name);
  return typeof value === 'number' ? value : undefined;
};

async function itemsOf({ table, controlPlane }: Account, service: string, kind: string): Promise<readonly Item[]> {
  const asked = new QueryCommand({
    TableName: controlPlane.table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :service AND begins_with(sk, :kind)',
    ExpressionAttributeValues: { ':service': `SERVICE#${service}`, ':kind': kind },
  });
  return (await table.send(asked)).Items ?? [];
}

export async function listRemedies(account: Account, service: string): Promise<readonly Remedy[]> {
  const slots = await itemsOf(account, service, 'SLOT#');
  return slots.flatMap((slot) => {
    const condemned = field(slot, 'condemned');
    if (!Array.isArray(condemned)) return [];
    return condemned.map((one: unknown) => ({
      faultId: text(one, 'faultId'),
      launchedAt: number(one, 'launchedAt'),
      healthyAt: number(one, 'healthyAt'),
    }));
  });
}

export async function listFaults(account: Account, service: string): Promise<readonly Fault[]> {
  return (await itemsOf(account, service, 'FAULT#')).map((item) => ({
    id: text(item, 'id'),
    instanceId: text(item, 'instanceId'),
    build: text(item, 'build'),
    way: text(item, 'way'),
    crashClass: text(field(item, 'crash'), 'crashClass'),
    fingerprint: text(field(item, 'crash'), 'fingerprint'),
    summary: text(field(item, 'crash'), 'summary'),
    captured: number(field(item, 'evidence'), 'captured') ?? 0,
    missed: number(field(item, 'evidence'), 'missed') ?? 0,
    escalation: text(field(item, 'escalation'), 'kind'),
    why: text(field(item, 'escalation'), 'why'),
    notified: field(item, 'notified') === true,
  }));
}

/** Nodes that have served, oldest first. */
export async function listFilled(account: Account, service: string): Promise<readonly Filled[]> {
  const slots = await itemsOf(account, service, 'SLOT#');
  return slots
    .filter((slot) => text(slot, 'state') === 'launched' && number(slot, 'healthyAt') !== undefined)
    .map((slot) => ({
      instanceId: text(slot, 'instanceId'),
      version: text(slot, 'version'),
      build: text(slot, 'build'),
      group: text(slot, 'group'),
      attempt: number(slot, 'attempt') ?? 1,
      launchedAt: number(slot, 'launchedAt') ?? 0,
    }))
    .toSorted((one, other) => one.launchedAt - other.launchedAt);
}

export async function addressOf({ ec2 }: Account, instanceId: string): Promise<string> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const address = Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress;
  if (address === undefined) throw new Error(`${instanceId} has no address`);
  return address;
}

/** Those that are off are kept for their evidence, and do not count. */
export async function countRunning({ ec2 }: Account, service: string): Promise<number> {
  const Filters = [
    { Name: 'tag:tandem:service', Values: [service] },
    { Name: 'instance-state-name', Values: ['running'] },
  ];
  let count = 0;
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters }))
    for (const reservation of page.Reservations ?? []) count += reservation.Instances?.length ?? 0;
  return count;
}
