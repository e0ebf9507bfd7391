import { GetServiceQuota$ } from '@aws-sdk/client-service-quotas';
import type { GetServiceQuotaRequest, GetServiceQuotaResponse } from '@aws-sdk/client-service-quotas';
import { AwsError } from '../../kernel/aws-error.ts';
import type { AccountLimits } from '../../kernel/ports.ts';
import type { LocalService } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';

const GAPS = [
  'Quotas are those of vCPUs and of load balancer targets. They have their default values (vCPUs of standard instances: what the account was opened with), and no increase can be requested.',
];

export interface LimitOptions {
  /** On-demand vCPUs of standard instances; a new AWS account has 5, one in use soon more. */
  readonly vcpus?: number;
}

interface Limit {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

const SERVICES: Readonly<Record<string, string>> = {
  ec2: 'Amazon Elastic Compute Cloud (Amazon EC2)',
  elasticloadbalancing: 'Elastic Load Balancing (ELB)',
};

/** Names, codes and defaults: EC2 User Guide "On-Demand Instance quotas", and the quotas pages of both load balancers. */
const limitsOf = (vcpus: number): readonly Limit[] => [
  ec2('L-1216C47A', 'Standard (A, C, D, H, I, M, R, T, Z)', vcpus),
  ec2('L-6E869C2A', 'DL', 0),
  ec2('L-74FC7D96', 'F', 0),
  ec2('L-DB2E81BA', 'G and VT', 0),
  ec2('L-F7808C92', 'HPC', 0),
  ec2('L-43DA4232', 'High Memory', 0),
  ec2('L-1945791B', 'Inf', 0),
  ec2('L-417A185B', 'P', 0),
  ec2('L-2C3B7624', 'Trn', 0),
  ec2('L-7295265B', 'X', 0),
  elb('L-7E6692B2', 'Targets per Application Load Balancer', 1000),
  elb('L-B211E961', 'Targets per Availability Zone per Network Load Balancer', 500),
];

const ec2 = (code: string, family: string, value: number): Limit => ({
  service: 'ec2',
  code,
  name: `Running On-Demand ${family} instances`,
  value,
});

const elb = (code: string, name: string, value: number): Limit => ({ service: 'elasticloadbalancing', code, name, value });

export function createServiceQuotas(world: World, { vcpus = 64 }: LimitOptions = {}): LocalService & AccountLimits {
  const limits = limitsOf(vcpus);
  const find = (service: string | undefined, code: string | undefined) =>
    limits.find((limit) => limit.service === service && limit.code === code);
  const { partition, region, id } = world.account;
  const toQuota = ({ service, code, name, value }: Limit) => ({
    ServiceCode: service,
    ServiceName: SERVICES[service],
    QuotaArn: `arn:${partition}:servicequotas:${region}:${id}:${service}/${code}`,
    QuotaCode: code,
    QuotaName: name,
    Value: value,
    Unit: 'None',
    Adjustable: true,
    GlobalQuota: false,
  });
  return {
    name: 'servicequotas',
    gaps: GAPS,
    operations: {
      GetServiceQuota: {
        schema: GetServiceQuota$,
        run: ({ ServiceCode, QuotaCode }: GetServiceQuotaRequest): GetServiceQuotaResponse => {
          const limit = find(ServiceCode, QuotaCode);
          if (limit === undefined)
            throw new AwsError('NoSuchResourceException', 'The request failed because the specified quota does not exist.', 404);
          return { Quota: toQuota(limit) };
        },
      },
    },
    resources: {},
    limitOf: (service, code) => find(service, code)?.value,
  };
}
