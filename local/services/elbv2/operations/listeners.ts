import type {
  DescribeListenersInput,
  DescribeListenersOutput,
  Listener as SdkListener,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { formatAction, parseActions } from '../core/actions.ts';
import { invalid } from '../core/errors.ts';
import type { Listener } from '../core/model.ts';
import type { Routing } from '../core/routing.ts';
import type { ElbState } from '../core/state.ts';
import { page } from './page.ts';

export function describeListeners(state: ElbState, input: DescribeListenersInput): DescribeListenersOutput {
  if (Boolean(input.LoadBalancerArn) === Boolean(input.ListenerArns?.length)) {
    throw invalid('Specify either a load balancer ARN or listener ARNs');
  }
  const found = input.LoadBalancerArn
    ? state.listenersOf(state.getLoadBalancer(input.LoadBalancerArn).arn)
    : (input.ListenerArns ?? []).map((arn) => state.getListener(arn));
  const { things, NextMarker } = page(found, input);
  return { Listeners: things.map(formatListener), NextMarker };
}

export function modifyListener(
  context: { readonly state: ElbState; readonly routing: Routing },
  input: ModifyListenerInput,
): ModifyListenerOutput {
  const listener = context.state.getListener(input.ListenerArn);
  const isOther = input.Port !== undefined && input.Port !== listener.port && input.Port !== listener.declaredPort;
  if (isOther || (input.Protocol !== undefined && input.Protocol !== listener.protocol)) {
    throw invalid('The port and protocol of a listener cannot be changed locally; change the template');
  }
  if (input.DefaultActions) {
    listener.defaultAction = parseActions(input.DefaultActions, context.state.actionContext(listener.loadBalancerArn));
    context.routing.propagate(listener.arn);
  }
  return { Listeners: [formatListener(listener)] };
}

/** The port is the one it really listens on, which is not the declared one where that needs rights we do not have. */
function formatListener({ arn, loadBalancerArn, port, protocol, defaultAction }: Listener): SdkListener {
  return {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancerArn,
    Port: port,
    Protocol: protocol,
    DefaultActions: [formatAction(defaultAction)],
  };
}
