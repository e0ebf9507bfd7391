import type {
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Instances } from '../../../kernel/ports.ts';
import { describeHealth, NOT_REGISTERED } from '../core/describe-health.ts';
import type { Target, TargetGroup } from '../core/model.ts';
import type { ElbState } from '../core/state.ts';
import type { TargetId } from '../core/targets.ts';

/** Without Targets: all of the group. One asked for by name that is not registered is `unused`, not left out. */
export function describeTargetHealth(
  context: { readonly state: ElbState; readonly instances: Instances },
  input: DescribeTargetHealthInput,
): DescribeTargetHealthOutput {
  const group = context.state.getGroup(input.TargetGroupArn);
  const isInUse = context.state.ownerOf(group.arn) !== undefined;
  const anomalies = anomaliesOf(group, input);
  const describe = (target: Target): TargetHealthDescription => ({
    Target: { Id: target.instanceId, Port: target.port },
    HealthCheckPort: String(group.check.port === 'traffic-port' ? target.port : group.check.port),
    TargetHealth: describeHealth({ group, target, isInUse, instance: context.instances.find(target.instanceId)?.state }),
    ...anomalies,
  });
  const all = [...group.targets.values()];
  if (!input.Targets?.length) return { TargetHealthDescriptions: all.map(describe) };
  return { TargetHealthDescriptions: input.Targets.flatMap((id) => named(group, id, all, describe)) };
}

/** Told to whoever asks, and by an Application Load Balancer only. Nothing is compared here: every target is normal. */
const anomaliesOf = ({ protocol }: TargetGroup, { Include = [] }: DescribeTargetHealthInput) =>
  protocol === 'HTTP' && (Include.includes('AnomalyDetection') || Include.includes('All'))
    ? ({ AnomalyDetection: { Result: 'normal', MitigationInEffect: 'no' } } as const)
    : {};

function named(
  group: TargetGroup,
  id: TargetId,
  all: readonly Target[],
  describe: (target: Target) => TargetHealthDescription,
): readonly TargetHealthDescription[] {
  const found = all.filter(({ instanceId, port }) => instanceId === id.Id && (id.Port === undefined || id.Port === port));
  if (found.length > 0) return found.map(describe);
  return [{ Target: { Id: id.Id, Port: id.Port ?? group.port }, TargetHealth: NOT_REGISTERED }];
}
