import { RebootInstances$, StopInstances$, TerminateInstances$ } from '@aws-sdk/client-ec2';
import type { RebootInstancesRequest, StopInstancesRequest, TerminateInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { toState } from './describe-instances.ts';
import { stopInstance, terminateInstance } from './hypervisor.ts';
import { checkDryRun, getInstance } from './state.ts';
import type { Ec2State, Instance } from './state.ts';

/** One that is not known fails them all, before any is touched. */
function instancesOf(ec2: Ec2State, ids: readonly string[] = []): readonly Instance[] {
  if (ids.length === 0 || ids.length > 1000)
    throw new AwsError('InvalidParameterValue', `1 to 1000 instances can be named, not ${ids.length}.`);
  return [...new Set(ids)].map((id) => getInstance(ec2, id));
}

function change(instance: Instance, run: () => void) {
  const before = instance.state;
  run();
  return { InstanceId: instance.id, PreviousState: toState(before), CurrentState: toState(instance.state) };
}

interface Abruptness {
  readonly Force?: boolean | undefined;
  readonly SkipOsShutdown?: boolean | undefined;
}
const isAbrupt = ({ Force, SkipOsShutdown }: Abruptness) => Force === true || SkipOsShutdown === true;

export const terminateInstances = (ec2: Ec2State): Operation<TerminateInstancesRequest> => ({
  schema: TerminateInstances$,
  run(input) {
    const instances = instancesOf(ec2, input.InstanceIds);
    checkDryRun(input);
    return {
      TerminatingInstances: instances.map((one) => change(one, () => terminateInstance(ec2, one, isAbrupt(input)))),
    };
  },
});

/** No state changes and no event is sent: whoever looks sees an instance that was running all the time. */
export const rebootInstances = (ec2: Ec2State): Operation<RebootInstancesRequest> => ({
  schema: RebootInstances$,
  run(input) {
    const instances = instancesOf(ec2, input.InstanceIds);
    checkDryRun(input);
    for (const { id, state, machine } of instances) {
      if (state !== 'running') continue;
      ec2.world.trace.add('ec2', 'instance rebooted', { instance: id });
      machine?.reset();
    }
    return {};
  },
});

export const stopInstances = (ec2: Ec2State): Operation<StopInstancesRequest> => ({
  schema: StopInstances$,
  run(input) {
    const instances = instancesOf(ec2, input.InstanceIds);
    if (input.Hibernate === true)
      throw new AwsError('UnsupportedHibernationConfiguration', 'No instance was launched with hibernation here.');
    const gone = instances.find(({ state }) => state !== 'running' && state !== 'stopping' && state !== 'stopped');
    if (gone !== undefined)
      throw new AwsError('IncorrectInstanceState', `The instance '${gone.id}' is not in a state from which it can be stopped.`);
    checkDryRun(input);
    return { StoppingInstances: instances.map((one) => change(one, () => stopInstance(ec2, one, isAbrupt(input)))) };
  },
});
