import { DescribeInstanceTypes$ } from '@aws-sdk/client-ec2';
import type { DescribeInstanceTypesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { sizeOf } from './instance-size.ts';
import { architecturesOf } from './instance-type.ts';

/** Types are asked for by name: the whole list of EC2 is nowhere here. */
export const describeInstanceTypes = (): Operation<DescribeInstanceTypesRequest> => ({
  schema: DescribeInstanceTypes$,
  run({ InstanceTypes: types = [], Filters }) {
    if (types.length === 0 || Filters !== undefined)
      throw new AwsError('InvalidParameterValue', 'The local EC2 describes instance types by name only: say InstanceTypes.');
    const unknown = types.filter((type) => sizeOf(type) === undefined);
    if (unknown.length > 0)
      throw new AwsError('InvalidInstanceType', `The following supplied instance types do not exist: [${unknown.join(', ')}]`);
    return { InstanceTypes: types.map(toType) };
  },
});

function toType(type: string) {
  const { vcpus = 0, threadsPerCore = 1, memoryMib = 0 } = sizeOf(type) ?? {};
  return {
    InstanceType: type,
    CurrentGeneration: true,
    SupportedUsageClasses: ['on-demand', 'spot'],
    ProcessorInfo: { SupportedArchitectures: architecturesOf(type) },
    VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: vcpus / threadsPerCore, DefaultThreadsPerCore: threadsPerCore },
    MemoryInfo: { SizeInMiB: memoryMib },
  };
}
