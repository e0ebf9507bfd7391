import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Notices } from '../core/release/ports.ts';
import { releaseName, type Transition } from '../core/release/release.ts';

export class SnsNotices implements Notices {
  private readonly client: SNSClient;
  private readonly topicArn: string;

  constructor(client: SNSClient, topicArn: string) {
    this.client = client;
    this.topicArn = topicArn;
  }

  async publish(release: { readonly service: string; readonly version: string }, transition: Transition): Promise<void> {
    await this.client.send(new PublishCommand({ TopicArn: this.topicArn, ...toNotice(release, transition) }));
  }
}

/** SNS takes subjects of printable ASCII, at most 100 characters; the longest of ours has 74. */
export function toNotice(release: { readonly service: string; readonly version: string }, transition: Transition) {
  const { id, stage, at, why, by } = transition;
  const { service, version } = release;
  return {
    Subject: `${releaseName(service, version)} is ${stage}`,
    Message: JSON.stringify({ id, service, version, stage, at: new Date(at).toISOString(), why, by }),
    MessageAttributes: {
      service: { DataType: 'String', StringValue: service },
      stage: { DataType: 'String', StringValue: stage },
    },
  };
}
