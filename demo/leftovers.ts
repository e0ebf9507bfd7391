/** What a release has in the account: asked of EC2, by tag. */
import { paginateDescribeImages, paginateDescribeInstances, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import type { Account } from './account.ts';

export interface Left {
  readonly nodes: { readonly unikernel: number; readonly linux: number };
  readonly images: number;
  readonly snapshots: number;
}

const tagged = (service: string, version: string) => [
  { Name: 'tag:tandem:service', Values: [service] },
  { Name: 'tag:tandem:release', Values: [version] },
];

const ALIVE = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };

async function countNodes({ ec2 }: Account, Filters: { readonly Name: string; readonly Values: string[] }[]): Promise<number> {
  let count = 0;
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters: [...Filters, ALIVE] })) {
    for (const reservation of page.Reservations ?? []) count += reservation.Instances?.length ?? 0;
  }
  return count;
}

async function countImages({ ec2 }: Account, Filters: { readonly Name: string; readonly Values: string[] }[]): Promise<number> {
  let count = 0;
  const pages = paginateDescribeImages({ client: ec2 }, { Owners: ['self'], Filters });
  for await (const page of pages) count += page.Images?.length ?? 0;
  return count;
}

async function countSnapshots(
  { ec2 }: Account,
  Filters: { readonly Name: string; readonly Values: string[] }[],
): Promise<number> {
  let count = 0;
  const pages = paginateDescribeSnapshots({ client: ec2 }, { OwnerIds: ['self'], Filters });
  for await (const page of pages) count += page.Snapshots?.length ?? 0;
  return count;
}

export async function whatIsLeft(account: Account, service: string, version: string): Promise<Left> {
  const filters = tagged(service, version);
  const ofBuild = (build: string) => [...filters, { Name: 'tag:tandem:build', Values: [build] }];
  const [unikernel, linux, images, snapshots] = await Promise.all([
    countNodes(account, ofBuild('unikernel')),
    countNodes(account, ofBuild('linux')),
    countImages(account, filters),
    countSnapshots(account, filters),
  ]);
  return { nodes: { unikernel, linux }, images, snapshots };
}
