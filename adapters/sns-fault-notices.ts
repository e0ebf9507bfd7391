import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { FaultNotices, FaultRecord, Page } from '../core/remediation/ports.ts';

export class SnsFaultNotices implements FaultNotices {
  private readonly client: SNSClient;
  private readonly topicArn: string;

  constructor(client: SNSClient, topicArn: string) {
    this.client = client;
    this.topicArn = topicArn;
  }

  async publishFault(fault: FaultRecord): Promise<void> {
    await this.client.send(new PublishCommand({ TopicArn: this.topicArn, ...toFaultNotice(fault) }));
  }

  async publishPage(service: string, page: Page): Promise<void> {
    await this.client.send(new PublishCommand({ TopicArn: this.topicArn, ...toPageNotice(service, page) }));
  }
}

const RUNBOOK = 'docs/remediation.md#when-you-are-called';

const attributes = (service: string, kind: string) => ({
  service: { DataType: 'String', StringValue: service },
  kind: { DataType: 'String', StringValue: kind },
});

/** SNS takes subjects of printable ASCII, at most 100 characters. */
export function toFaultNotice(fault: FaultRecord) {
  const { id, service, version: release, build, group, slot, instanceId, crash, escalation, outlook } = fault;
  const { crashClass, fingerprint, summary } = crash;
  const at = new Date(fault.at).toISOString();
  const node = { release, build, group, slot, instanceId };
  return {
    Subject: `${service}: ${crashClass} in ${slot}`,
    Message: JSON.stringify({ kind: 'fault', id, service, ...node, at, crashClass, fingerprint, summary, escalation, outlook }),
    MessageAttributes: attributes(service, 'fault'),
  };
}

export function toPageNotice(service: string, { id, at, why }: Page) {
  return {
    Subject: `${service} needs somebody`,
    Message: JSON.stringify({ kind: 'page', id, service, at: new Date(at).toISOString(), why, runbook: RUNBOOK }),
    MessageAttributes: attributes(service, 'page'),
  };
}
