import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { Ec2Nodes, toNode, toRefusal, toRunInstances } from '../../adapters/ec2-nodes.ts';
import type { Slot } from '../../core/fleet/fleet.ts';
import { aService } from './a-service.ts';
import { answering, failure, fails } from './answering.ts';

const slot: Slot = {
  id: 'canary-4-1',
  service: 'hello',
  group: 'canary',
  build: 'linux',
  version: '1.1.0',
  zone: 'eu-west-1a',
  subnet: 'subnet-1',
  imageId: 'ami-1',
  fence: 4,
  attempt: 2,
  state: 'recorded',
  recordedAt: 0,
  revision: 1,
};
const tags = { service: 'hello', release: '1.1.0', build: 'linux', group: 'canary', slot: 'canary-4-1', stack: 'tandem' };
const tagged = Object.entries(tags).map(([key, Value]) => ({ Key: `tandem:${key}`, Value }));
const open = (answers: Parameters<typeof answering>[1]) => {
  const { client, asked } = answering(new EC2Client({ region: 'eu-west-1' }), answers);
  return { nodes: new Ec2Nodes(client, 'tandem'), asked };
};

describe('Ec2Nodes', () => {
  it('runs the pinned template version with the image, subnet and token of the slot, and tags instance and volume', () => {
    const input = toRunInstances('tandem', aService(), slot);
    expect(input).toMatchObject({
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
      ImageId: 'ami-1',
      SubnetId: 'subnet-1',
      ClientToken: 'hello.canary-4-1.2',
    });
    for (const type of ['instance', 'volume'])
      expect(input.TagSpecifications?.find((spec) => spec.ResourceType === type)?.Tags).toEqual(expect.arrayContaining(tagged));
  });

  it.each([
    ['InsufficientInstanceCapacity', 'retryable'],
    ['RequestLimitExceeded', 'retryable'],
    ['InvalidAMIID.NotFound', 'retryable'],
    ['TimeoutError', 'retryable'],
    ['VcpuLimitExceeded', 'refused'],
    ['InstanceLimitExceeded', 'refused'],
    ['IdempotentInstanceTerminated', 'refused'],
    ['IdempotentParameterMismatch', 'refused'],
    ['Unsupported', 'refused'],
  ])('takes %s for %s, with the name in the reason', (name, kind) => {
    expect(toRefusal(failure(name))).toMatchObject({ kind, why: expect.stringContaining(name) as string });
  });

  it('tells a token that is used up from a place that has no room', () => {
    for (const name of ['IdempotentInstanceTerminated', 'IdempotentParameterMismatch'])
      expect(toRefusal(failure(name))).toMatchObject({ isSpent: true });
    for (const name of ['Unsupported', 'InsufficientInstanceCapacity'])
      expect(toRefusal(failure(name))).not.toHaveProperty('isSpent');
  });

  it('lets through what is none of the launch, such as missing rights', async () => {
    const { nodes } = open({ RunInstances: fails('UnauthorizedOperation') });
    await expect(nodes.launch(aService(), slot)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  it('lists over all pages, only by the tags of this stack and service, and nothing that is terminated', async () => {
    const instance = (id: string) => ({
      InstanceId: id,
      State: { Name: 'running' },
      Tags: tagged,
      PrivateIpAddress: '10.0.0.7',
      LaunchTime: new Date(5),
    });
    const { nodes, asked } = open({
      DescribeInstances: (_input, call) =>
        call === 0
          ? { Reservations: [{ Instances: [instance('i-1')] }], NextToken: 'more' }
          : { Reservations: [{ Instances: [instance('i-2')] }] },
    });
    expect((await nodes.list('hello')).map((node) => node.instanceId)).toEqual(['i-1', 'i-2']);
    expect(asked[0]?.input['Filters']).toEqual([
      { Name: 'tag:tandem:stack', Values: ['tandem'] },
      { Name: 'tag:tandem:service', Values: ['hello'] },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped', 'shutting-down'] },
    ]);
  });

  it('has an ended instance’s reason by its code, and a pending one’s by its message', () => {
    const whole = { InstanceId: 'i-1', State: { Name: 'pending' as const }, Tags: tagged };
    const reasonOf = (Code: string, Message: string) => toNode({ ...whole, StateReason: { Code, Message } })[0]?.stateReason;
    expect(reasonOf('Client.InternalError', 'Client.InternalError: Client error on launch')).toBe('Client.InternalError');
    expect(reasonOf('pending', 'pending: number 2 in line')).toBe('pending: number 2 in line');
  });

  it('takes an instance that lacks one of our tags for nobody', () => {
    const whole = { InstanceId: 'i-1', State: { Name: 'running' as const }, Tags: tagged };
    expect(toNode(whole)).toHaveLength(1);
    for (const missing of tagged.filter(({ Key }) => Key !== 'tandem:stack'))
      expect(toNode({ ...whole, Tags: tagged.filter((tag) => tag !== missing) })).toEqual([]);
  });

  it('terminates the others where one is forgotten already', async () => {
    const gone: string[] = [];
    const { nodes } = open({
      TerminateInstances: ({ InstanceIds }) => {
        const ids = InstanceIds as string[];
        if (ids.includes('i-forgotten')) throw failure('InvalidInstanceID.NotFound');
        gone.push(...ids);
        return {};
      },
    });
    await nodes.terminate(['i-1', 'i-forgotten', 'i-2']);
    expect(gone).toEqual(['i-1', 'i-2']);
  });
});
