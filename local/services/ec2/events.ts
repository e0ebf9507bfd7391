/** EC2's events. EC2 delivers them best effort, and so does who injects faults into the bus. */
import type { Ec2State, Instance } from './state.ts';

const arn = (ec2: Ec2State, resource: string) => {
  const { partition, region, id } = ec2.world.account;
  return `arn:${partition}:ec2:${region}:${id}:${resource}`;
};

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html: no reason, no tags. */
export function announceState(ec2: Ec2State, instance: Instance): void {
  const { id, state, stateReason } = instance;
  ec2.world.trace.add('ec2', `instance ${state}`, { instance: id, ...(stateReason && { why: stateReason.code }) });
  ec2.bus.put({
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    resources: [arn(ec2, `instance/${id}`)],
    detail: { 'instance-id': id, state },
  });
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html */
export function announceImage(ec2: Ec2State, imageId: string, state: 'available' | 'deregistered'): void {
  ec2.world.trace.add('ec2', `image ${state}`, { image: imageId });
  const { partition, region } = ec2.world.account;
  ec2.bus.put({
    source: 'aws.ec2',
    'detail-type': 'EC2 AMI State Change',
    resources: [`arn:${partition}:ec2:${region}::image/${imageId}`],
    detail: { RequestId: ec2.world.random.uuid(), ImageId: imageId, State: state, ErrorMessage: '' },
  });
}
