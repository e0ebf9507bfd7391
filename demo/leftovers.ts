/** What a release has left in the account: asked of EC2, by tag. */
import { paginateDescribeImages, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { Account } from './account.ts';

const tagged = (service: string, version: string) => [
  { Name: 'tag:tandem:service', Values: [service] },
  { Name: 'tag:tandem:release', Values: [version] },
];

export async function countNodes(account: Account, service: string, version: string): Promise<number> {
  const Filters = [
    ...tagged(service, version),
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ];
  let count = 0;
  for await (const page of paginateDescribeInstances({ client: account.ec2 }, { Filters })) {
    for (const reservation of page.Reservations ?? []) count += reservation.Instances?.length ?? 0;
  }
  return count;
}

export async function countImages(account: Account, service: string, version: string): Promise<number> {
  let count = 0;
  for await (const page of paginateDescribeImages(
    { client: account.ec2 },
    { Owners: ['self'], Filters: tagged(service, version) },
  )) {
    count += page.Images?.length ?? 0;
  }
  return count;
}
