import { type EC2Client, type InstanceStatus, paginateDescribeInstanceStatus } from '@aws-sdk/client-ec2';
import type { Impairment, InstanceChecks } from '../core/fleet/ports.ts';

/** Ids in one call (EC2, DescribeInstanceStatus: "Constraints: Maximum 100 explicitly specified instance IDs"). */
const AT_ONCE = 100;

export class Ec2Checks implements InstanceChecks {
  private readonly client: EC2Client;

  constructor(client: EC2Client) {
    this.client = client;
  }

  /** Of instances that were listed just now: one that EC2 has forgotten would fail the whole call. */
  async impairments(instanceIds: readonly string[]): Promise<readonly Impairment[]> {
    const found: Impairment[] = [];
    for (let first = 0; first < instanceIds.length; first += AT_ONCE) {
      const InstanceIds = instanceIds.slice(first, first + AT_ONCE);
      for await (const page of paginateDescribeInstanceStatus({ client: this.client }, { InstanceIds }))
        found.push(...(page.InstanceStatuses ?? []).flatMap(toImpairment));
    }
    return found;
  }
}

/** What is scheduled and done, or was called off, says so at the start of its text (EC2, "Scheduled events"). */
const isDone = (description = '') => /^\[(Completed|Canceled)\]/.test(description);

export function toImpairment({ InstanceId, Events = [], ...status }: InstanceStatus): readonly Impairment[] {
  if (!InstanceId) return [];
  const due = Events.find(({ Description }) => !isDone(Description));
  if (due) return [{ instanceId: InstanceId, kind: 'scheduled', why: `EC2 has scheduled ${due.Code ?? 'an event'} for it` }];
  const checks = { system: status.SystemStatus, instance: status.InstanceStatus, volume: status.AttachedEbsStatus };
  const failed = Object.entries(checks).filter(([, check]) => check?.Status === 'impaired');
  if (failed.length === 0) return [];
  return [{ instanceId: InstanceId, kind: 'impaired', why: `EC2's ${failed.map(([name]) => name).join(' and ')} check fails` }];
}
