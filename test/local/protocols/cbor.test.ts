/** RPC v2 CBOR is what botocore sends to CloudWatch; the SDK's client speaks it when told to. */
import {
  CloudWatchClient,
  GetMetricStatistics$,
  GetMetricStatisticsCommand,
  InvalidParameterValueException,
  PutMetricData$,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { SendMessage$, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, it } from 'vitest';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { listen, madeUp } from '../gateway/harness.ts';

let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

const START = new Date('2030-01-01T00:00:00.250Z');
const request = {
  Namespace: 'N',
  MetricName: 'M',
  StartTime: START,
  EndTime: new Date('2030-01-01T01:00:00Z'),
  Period: 60,
  Statistics: ['Sum' as const],
  Dimensions: [],
};

it('carries instants, numbers and empty lists both ways', async () => {
  const asked: unknown[] = [];
  const Datapoints = [{ Timestamp: START, Sum: 0.1, SampleCount: 3, Unit: 'Count' as const }];
  const gateway = await listen([
    madeUp('monitoring', [GetMetricStatistics$, (input) => (asked.push(input), { Label: 'M', Datapoints })]),
  ]);
  close = gateway.close;
  const client = new CloudWatchClient({ ...gateway.config, protocol: SmithyRpcV2CborProtocol });
  const answer = await client.send(new GetMetricStatisticsCommand(request));
  expect(asked).toEqual([request]);
  expect(answer).toMatchObject({ Label: 'M', Datapoints });
});

it('answers an operation without output, and errors of the SDK’s own class', async () => {
  const refuse = () => {
    throw new AwsError('InvalidParameterValue', 'no such period');
  };
  const gateway = await listen([madeUp('monitoring', [PutMetricData$, () => undefined], [GetMetricStatistics$, refuse])]);
  close = gateway.close;
  const client = new CloudWatchClient({ ...gateway.config, protocol: SmithyRpcV2CborProtocol });
  await client.send(new PutMetricDataCommand({ Namespace: 'N', MetricData: [{ MetricName: 'M', Value: 1 }] }));
  const failure = client.send(new GetMetricStatisticsCommand(request));
  await expect(failure).rejects.toBeInstanceOf(InvalidParameterValueException);
  await expect(failure).rejects.toThrow('no such period');
});

it('carries blobs', async () => {
  const asked: unknown[] = [];
  const gateway = await listen([
    madeUp('sqs', [
      SendMessage$,
      (input) => (asked.push(input), { MessageId: 'm', MD5OfMessageBody: '9dd4e461268c8034f5c8564e155c67a6' }),
    ]),
  ]);
  close = gateway.close;
  const client = new SQSClient({ ...gateway.config, protocol: SmithyRpcV2CborProtocol });
  const MessageAttributes = { a: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 200]) } };
  await client.send(new SendMessageCommand({ QueueUrl: `${gateway.endpoint}/1/q`, MessageBody: 'x', MessageAttributes }));
  expect(asked).toMatchObject([{ MessageBody: 'x', MessageAttributes: { a: { BinaryValue: Buffer.from([0, 200]) } } }]);
});

it('refuses a body that is none', async () => {
  const gateway = await listen([madeUp('monitoring', [PutMetricData$, () => undefined])]);
  close = gateway.close;
  const post = (body: Buffer) =>
    fetch(`${gateway.endpoint}/service/GraniteServiceVersion20100801/operation/PutMetricData`, {
      method: 'POST',
      body,
      headers: {
        'smithy-protocol': 'rpc-v2-cbor',
        authorization: 'AWS4-HMAC-SHA256 Credential=k/20300101/r/monitoring/aws4_request',
      },
    });
  for (const body of [Buffer.from([0xbf]), Buffer.from([0x63, 0x61]), Buffer.from('ff', 'hex'), Buffer.from([0x01])]) {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toContain('SerializationException');
  }
  expect(gateway.bugs).toEqual([]);
});
