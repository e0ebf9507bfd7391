/** What a subscriber gets of a message. There are no signatures: nobody here could check them. */
export interface Notification {
  readonly messageId: string;
  readonly topicArn: string;
  readonly message: string;
  readonly subject?: string;
  readonly attributes: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
  readonly at: number;
}

const common = (notification: Notification) => ({
  Type: 'Notification',
  MessageId: notification.messageId,
  TopicArn: notification.topicArn,
  ...(notification.subject !== undefined && { Subject: notification.subject }),
  Message: notification.message,
  Timestamp: new Date(notification.at).toISOString(),
});

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export function queueBody(notification: Notification): string {
  const hasAttributes = Object.keys(notification.attributes).length > 0;
  return JSON.stringify({ ...common(notification), ...(hasAttributes && { MessageAttributes: notification.attributes }) });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function lambdaEvent(notification: Notification): unknown {
  const Sns = { ...common(notification), Subject: notification.subject ?? null, MessageAttributes: notification.attributes };
  return { Records: [{ EventVersion: '1.0', EventSource: 'aws:sns', EventSubscriptionArn: notification.topicArn, Sns }] };
}
