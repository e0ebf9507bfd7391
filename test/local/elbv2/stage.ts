/** A small account with one load balancer, two groups and instances that can be told what to be. */
import type { DescribeTargetHealthOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { InstanceState, VirtualAnswer, VirtualNetwork } from '../../../local/kernel/ports.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { Timetable, World } from '../../../local/kernel/world.ts';
import { createElbv2 } from '../../../local/services/elbv2/elbv2.ts';
import type { Elbv2 } from '../../../local/services/elbv2/elbv2.ts';

export const START = Date.UTC(2030, 0, 1);
export const PORT = 18_080;
const call = { requestId: 'r', sourceIp: '127.0.0.1' };

export interface Sample {
  readonly metric: string;
  readonly value: number;
  readonly group?: string;
}

export interface Stage {
  readonly elb: Elbv2;
  readonly instances: Map<string, { state: InstanceState; address: string }>;
  readonly answers: Map<string, VirtualAnswer>;
  readonly samples: Sample[];
  readonly objects: { bucket: string; key: string; body: Uint8Array }[];
  readonly blue: string;
  readonly green: string;
  readonly listener: string;
  readonly balancer: string;
  run(operation: string, input: object): unknown;
  weigh(blue: number, green: number): unknown;
  health(group: string, ids?: readonly string[]): string[];
  launch(id: string, address?: string): void;
  sum(metric: string, group?: string): number;
}

export interface StageOptions {
  readonly time: Timetable;
  readonly network?: boolean;
  readonly balancer?: object;
  readonly group?: object;
  readonly listener?: object;
  /** Of the listener, by the ARN of the first group; a 503 unless given. */
  readonly defaultActions?: (blue: string) => object[];
}

const declareWith = (elb: Elbv2) => (type: string, logicalId: string, properties: object) =>
  elb.resources[`AWS::ElasticLoadBalancingV2::${type}`]!({
    stack: 'tandem-shop',
    logicalId,
    type,
    path: `tandem-shop/${logicalId}`,
    properties: { ...properties },
  }) as { ref: string; attributes: Record<string, string> };

export async function setStage({
  time,
  network = true,
  balancer = {},
  group = {},
  listener = {},
  defaultActions,
}: StageOptions): Promise<Stage> {
  const instances: Stage['instances'] = new Map();
  const answers: Stage['answers'] = new Map();
  const samples: Sample[] = [];
  const objects: Stage['objects'] = [];
  const account = {
    id: '111122223333',
    region: 'eu-central-1',
    partition: 'aws',
    zones: ['eu-central-1a'],
    endpoint: '',
  };
  const world: World = { time, random: createRandom(3), trace: { add: () => undefined }, account };
  const virtual: VirtualNetwork = {
    request: (address) => answers.get(address) ?? { kind: 'refused' },
    strike: () => undefined,
  };
  const elb = createElbv2({
    world,
    instances: {
      find: (instanceId) => {
        const known = instances.get(instanceId);
        return (
          known && {
            instanceId,
            state: known.state,
            privateIpAddress: known.address,
            availabilityZone: 'eu-central-1a',
            tags: {},
          }
        );
      },
    },
    metrics: {
      put: (...[, metric, dimensions, value]) => void samples.push({ metric, value, group: dimensions['TargetGroup'] }),
    },
    objects: {
      put: async (bucket, key, body) => void objects.push({ bucket, key, body }),
      get: async () => undefined,
    },
    ...(network && { network: virtual }),
  });
  const declare = declareWith(elb);
  const made = declare('LoadBalancer', 'Balancer', balancer);
  const groupProperties = {
    Protocol: 'HTTP',
    Port: 8080,
    HealthCheckIntervalSeconds: '5',
    HealthCheckTimeoutSeconds: 2,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }],
    ...group,
  };
  const [blue, green] = [declare('TargetGroup', 'Blue', groupProperties), declare('TargetGroup', 'Green', groupProperties)];
  const nobody = {
    Type: 'fixed-response',
    FixedResponseConfig: { StatusCode: '503', ContentType: 'text/plain', MessageBody: 'no release yet' },
  };
  const opened = declare('Listener', 'Listener', {
    LoadBalancerArn: made.ref,
    Port: PORT,
    Protocol: 'HTTP',
    DefaultActions: defaultActions?.(blue.ref) ?? [nobody],
    ...listener,
  });
  const run = (operation: string, input: object) => elb.operations[operation]!.run(input as never, call);
  const forward = (weights: readonly [number, number]) => [
    {
      Type: 'forward',
      ForwardConfig: { TargetGroups: [blue, green].map(({ ref }, n) => ({ TargetGroupArn: ref, Weight: weights[n] })) },
    },
  ];
  let rule: string | undefined;
  return {
    elb,
    instances,
    answers,
    samples,
    objects,
    blue: blue.ref,
    green: green.ref,
    listener: opened.ref,
    balancer: made.ref,
    run,
    weigh: (...weights) => {
      const Actions = forward(weights);
      if (made.attributes['LoadBalancerFullName']!.startsWith('net/'))
        return run('ModifyListener', { ListenerArn: opened.ref, DefaultActions: Actions });
      if (rule) return run('ModifyRule', { RuleArn: rule, Actions });
      const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }];
      const created = run('CreateRule', { ListenerArn: opened.ref, Priority: 100, Conditions, Actions }) as {
        Rules: { RuleArn: string }[];
      };
      rule = created.Rules[0]!.RuleArn;
      return created;
    },
    health: (group, ids) => {
      const Targets = ids?.map((Id) => ({ Id }));
      const answer = run('DescribeTargetHealth', { TargetGroupArn: group, Targets }) as DescribeTargetHealthOutput;
      return answer.TargetHealthDescriptions!.map(({ TargetHealth }) =>
        [TargetHealth!.State, TargetHealth!.Reason].filter(Boolean).join(' '),
      );
    },
    launch: (id, address = `10.0.0.${instances.size + 1}`) => {
      instances.set(id, { state: 'running', address });
      answers.set(address, { kind: 'answered', status: 200, latencyMs: 5 });
    },
    sum: (metric, group) => {
      const name = group?.split(':').at(-1);
      return samples
        .filter((sample) => sample.metric === metric && sample.group === name)
        .reduce((sum, { value }) => sum + value, 0);
    },
  };
}
