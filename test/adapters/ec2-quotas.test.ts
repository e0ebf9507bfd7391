import { EC2Client } from '@aws-sdk/client-ec2';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { describe, expect, it } from 'vitest';
import { Ec2Quotas } from '../../adapters/ec2-quotas.ts';
import { vcpuQuotaOf } from '../../adapters/vcpu-quotas.ts';
import { aService } from './a-service.ts';
import { answering, fails } from './answering.ts';

type Answers = Parameters<typeof answering>[1];

const instance = (given: Record<string, unknown> = {}) => ({
  InstanceType: 't3.large',
  CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
  Placement: { Tenancy: 'default' },
  ...given,
});
const tags = (stack: string, service: string) => [
  { Key: 'tandem:stack', Value: stack },
  { Key: 'tandem:service', Value: service },
];
const answer = (...instances: object[]) => ({ Reservations: [{ Instances: instances }] });
const TYPES = {
  InstanceTypes: [
    { InstanceType: 't3.small', VCpuInfo: { DefaultVCpus: 2 } },
    { InstanceType: 't3.micro', VCpuInfo: { DefaultVCpus: 2 } },
    { InstanceType: 'g5.xlarge', VCpuInfo: { DefaultVCpus: 4 } },
  ],
};
const EC2: Answers = { DescribeInstances: () => answer(), DescribeInstanceTypes: () => TYPES };
const LIMITS: Answers = {
  GetServiceQuota: ({ QuotaCode }) => ({
    Quota: { QuotaCode, QuotaName: `name of ${String(QuotaCode)}`, Value: QuotaCode === 'L-1216C47A' ? 64 : 1000 },
  }),
};

function open(ec2: Answers = {}, limits: Answers = LIMITS) {
  const compute = answering(new EC2Client({ region: 'eu-west-1' }), { ...EC2, ...ec2 });
  const quotas = answering(new ServiceQuotasClient({ region: 'eu-west-1' }), limits);
  const asked = (command: string) => [...compute.asked, ...quotas.asked].filter((one) => one.command === command);
  return { quotas: new Ec2Quotas(compute.client, quotas.client, 'tandem'), asked };
}

describe('the room of an account', () => {
  it('is the limit under its name in Service Quotas, and what others run', async () => {
    const { quotas } = open({
      DescribeInstances: () => answer(instance(), instance({ CpuOptions: { CoreCount: 8, ThreadsPerCore: 2 } })),
    });
    expect(await quotas.room(aService())).toEqual({
      vcpus: {
        kind: 'known',
        perNode: { linux: 2, unikernel: 2 },
        quotas: [{ name: 'name of L-1216C47A', limit: 64, builds: ['linux', 'unikernel'], usedByOthers: 18 }],
      },
      targets: { kind: 'known', name: 'name of L-7E6692B2', limit: 1000 },
    });
  });

  it('does not count the nodes of the service itself, whose slots are on record', async () => {
    const own = instance({ Tags: tags('tandem', 'hello') });
    const { quotas } = open({
      DescribeInstances: () => answer(own, instance({ Tags: tags('tandem', 'api') }), instance({ Tags: tags('other', 'hello') })),
    });
    expect(await quotas.room(aService())).toMatchObject({ vcpus: { quotas: [{ usedByOthers: 4 }] } });
  });

  it('counts on-demand instances alone, over all pages, and asks for those that run', async () => {
    const { quotas, asked } = open({
      DescribeInstances: (_input, call) =>
        call === 0
          ? { ...answer(instance(), instance({ InstanceLifecycle: 'spot' })), NextToken: 'more' }
          : answer(instance({ Placement: { Tenancy: 'host' } }), instance({ InstanceType: 'p4d.24xlarge' }), instance()),
    });
    expect(await quotas.room(aService())).toMatchObject({ vcpus: { quotas: [{ usedByOthers: 4 }] } });
    expect(asked('DescribeInstances')[0]!.input).toMatchObject({
      Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }],
    });
  });

  it('is that of two quotas where the builds are of different families', async () => {
    const { quotas } = open({
      DescribeInstances: () =>
        answer(instance(), instance({ InstanceType: 'g4dn.xlarge' }), instance({ InstanceType: 'vt1.3xlarge' })),
    });
    const service = aService({ instanceTypes: { linux: 'g5.xlarge' } });
    expect(await quotas.room(service)).toMatchObject({
      vcpus: {
        perNode: { linux: 4, unikernel: 2 },
        quotas: [
          { name: 'name of L-DB2E81BA', builds: ['linux'], usedByOthers: 4 },
          { name: 'name of L-1216C47A', builds: ['unikernel'], usedByOthers: 2 },
        ],
      },
    });
  });

  it('asks for the limit of a network load balancer where the service has one', async () => {
    const { quotas } = open();
    expect(await quotas.room(aService({ protocol: 'tcp' }))).toMatchObject({ targets: { name: 'name of L-B211E961' } });
  });

  it('asks once what a type has', async () => {
    const { quotas, asked } = open();
    await quotas.room(aService());
    await quotas.room(aService());
    expect(asked('DescribeInstanceTypes')).toHaveLength(1);
  });
});

describe('what cannot be learned', () => {
  const unknown = (why: string) => ({ kind: 'unknown', why: expect.stringContaining(why) as string });

  it.each([
    ['DescribeInstances', 'RequestLimitExceeded'],
    ['DescribeInstances', 'UnauthorizedOperation'],
    ['DescribeInstanceTypes', 'InvalidInstanceType'],
  ])('is unknown, with the reason, and never a failure: %s fails with %s', async (command, error) => {
    const room = await open({ [command]: fails(error) }).quotas.room(aService());
    expect(room.vcpus).toEqual(unknown(error));
    expect(room.targets.kind).toBe('known');
  });

  it('is unknown where Service Quotas denies it or has no value', async () => {
    for (const error of ['AccessDeniedException', 'TooManyRequestsException', 'NoSuchResourceException']) {
      const room = await open({}, { GetServiceQuota: fails(error) }).quotas.room(aService());
      expect([room.vcpus, room.targets], error).toEqual([unknown(error), unknown(error)]);
    }
    const room = await open({}, { GetServiceQuota: () => ({ Quota: {} }) }).quotas.room(aService());
    expect(room.vcpus).toEqual(unknown('no value'));
  });

  it('is unknown for a type that no quota of vCPUs is known for', async () => {
    const room = await open().quotas.room(aService({ instanceTypes: { linux: 'mac2.metal' } }));
    expect(room.vcpus).toEqual(unknown('mac2.metal'));
  });
});

describe('the quota of an instance type', () => {
  it.each([
    ['t3.micro', 'L-1216C47A'],
    ['c7gn.large', 'L-1216C47A'],
    ['im4gn.large', 'L-1216C47A'],
    ['inf2.xlarge', 'L-1945791B'],
    ['trn1.2xlarge', 'L-2C3B7624'],
    ['x2iedn.xlarge', 'L-7295265B'],
    ['u-6tb1.metal', 'L-43DA4232'],
    ['u7i-12tb.224xlarge', 'L-43DA4232'],
    ['hpc7g.4xlarge', 'L-F7808C92'],
    ['mac2.metal', undefined],
  ])('%s: %s', (type, code) => {
    expect(vcpuQuotaOf(type)).toBe(code);
  });
});
