import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { afterEach, describe, expect, it } from 'vitest';
import { createServiceQuotas } from '../../../local/services/servicequotas/servicequotas.ts';
import { openLocalAccount } from '../../contracts/local-account.ts';
import { testAccount } from '../ec2/account.ts';
import { call, testWorld } from '../ec2/world.ts';

const STANDARD = { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' };

let account: Awaited<ReturnType<typeof openLocalAccount>> | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

describe('GetServiceQuota', () => {
  it('answers the SDK the quota by name, code and value', async () => {
    account = await openLocalAccount();
    const { Quota } = await new ServiceQuotasClient(account.config).send(new GetServiceQuotaCommand(STANDARD));
    expect(Quota).toMatchObject({
      QuotaCode: 'L-1216C47A',
      QuotaName: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
      Value: 64,
      Adjustable: true,
    });
  });

  it('has the value the account was opened with', async () => {
    const quotas = createServiceQuotas(testWorld(), { vcpus: 7 });
    expect(await call(quotas, 'GetServiceQuota', STANDARD)).toMatchObject({ Quota: { Value: 7 } });
  });

  it('knows no other quota', async () => {
    const quotas = createServiceQuotas(testWorld());
    const asked = call(quotas, 'GetServiceQuota', { ...STANDARD, QuotaCode: 'L-0' });
    await expect(asked).rejects.toMatchObject({ code: 'NoSuchResourceException' });
  });

  it('says how many vCPUs EC2 launches: up to the last, and those that were terminated are free again', async () => {
    const { run, virtualImage, ec2, world } = await testAccount({ limits: createServiceQuotas(testWorld(), { vcpus: 5 }) });
    const image = await virtualImage();
    const [first] = await run(image, { MinCount: 2, MaxCount: 2 });
    await expect(run(image)).rejects.toMatchObject({
      code: 'VcpuLimitExceeded',
      message: expect.stringContaining('limit of 5') as string,
    });
    await call(ec2, 'TerminateInstances', { InstanceIds: [first!.InstanceId] });
    await world.time.advanceBy(1_000);
    expect(await run(image)).toHaveLength(1);
  });

  it('counts the families of each quota apart', async () => {
    const limitOf = (_service: string, code: string) => (code === 'L-1216C47A' ? 2 : 4);
    const { run, virtualImage } = await testAccount({ limits: { limitOf } });
    const image = await virtualImage();
    await run(image);
    expect(await run(image, { InstanceType: 'g5.xlarge' })).toHaveLength(1);
    for (const InstanceType of ['t3.micro', 'g5.xlarge'])
      await expect(run(image, { InstanceType })).rejects.toMatchObject({ code: 'VcpuLimitExceeded' });
  });
});

describe('DescribeInstanceTypes', () => {
  it.each([
    ['t3.micro', 2, 2, 1024],
    ['t2.micro', 1, 1, 1024],
    ['t4g.small', 2, 1, 2048],
    ['m5.large', 2, 2, 8192],
    ['c7g.4xlarge', 16, 1, 32_768],
    ['r6i.xlarge', 4, 2, 32_768],
  ])('says what %s has: %i vCPUs, %i thread(s) a core, %i MiB', async (type, vcpus, threads, mib) => {
    const { ec2 } = await testAccount();
    expect(await call(ec2, 'DescribeInstanceTypes', { InstanceTypes: [type] })).toMatchObject({
      InstanceTypes: [
        {
          InstanceType: type,
          VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: vcpus / threads, DefaultThreadsPerCore: threads },
          MemoryInfo: { SizeInMiB: mib },
        },
      ],
    });
  });

  it.each(['t3.huge', 'zz9.large', 'nothing'])('has no %s', async (type) => {
    const { ec2 } = await testAccount();
    const asked = call(ec2, 'DescribeInstanceTypes', { InstanceTypes: ['t3.micro', type] });
    await expect(asked).rejects.toMatchObject({
      code: 'InvalidInstanceType',
      message: expect.stringContaining(`[${type}]`) as string,
    });
  });
});
