import type { Action as SdkAction, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Properties } from '../../../kernel/properties.ts';
import { takeProperties, TemplateError } from '../../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../../kernel/service.ts';
import { parseActions } from '../core/actions.ts';
import type { Listener, Protocol } from '../core/model.ts';
import { createRule } from '../operations/rules.ts';
import type { ResourceContext } from './context.ts';
import { arnId } from './context.ts';

const ACTION = ['Type', 'Order', 'TargetGroupArn', 'ForwardConfig', 'FixedResponseConfig'] as const;

export function declareListener({ state }: ResourceContext, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['LoadBalancerArn', 'Port', 'Protocol', 'DefaultActions'], {
    Tags: 'listeners are found by their load balancer',
  });
  const balancer = state.getLoadBalancer(properties.getText('LoadBalancerArn'));
  const action = parseActions(properties.items('DefaultActions', ACTION).map(toAction), state.actionContext(balancer.arn));
  const port = properties.getNumber('Port');
  if (state.listenersOf(balancer.arn).some((other) => other.declaredPort === port)) {
    throw new TemplateError(`${resource.path}: the load balancer already has a listener on port ${port}`);
  }
  const listener: Listener = {
    arn: `${balancer.arn.replace(':loadbalancer/', ':listener/')}/${arnId(resource)}`,
    loadBalancerArn: balancer.arn,
    protocol: readProtocol(resource, properties.getText('Protocol'), balancer.kind === 'application'),
    declaredPort: port,
    port,
    defaultAction: action,
    routes: { change: 0, rules: [], defaultAction: action },
  };
  state.listeners.set(listener.arn, listener);
  return { ref: listener.arn, attributes: { ListenerArn: listener.arn } };
}

export function declareListenerRule(context: ResourceContext, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['ListenerArn', 'Priority', 'Conditions', 'Actions', 'Tags']);
  const made = createRule(
    { ...context, newId: () => arnId(resource) },
    {
      ListenerArn: properties.getText('ListenerArn'),
      Priority: properties.getNumber('Priority'),
      Conditions: properties
        .items('Conditions', ['Field', 'Values', 'HostHeaderConfig', 'PathPatternConfig', 'HttpHeaderConfig'])
        .map(toCondition),
      Actions: properties.items('Actions', ACTION).map(toAction),
      Tags: Object.entries(properties.tags('Tags')).map(([Key, Value]) => ({ Key, Value })),
    },
  );
  const arn = made.Rules?.[0]?.RuleArn ?? '';
  return { ref: arn, attributes: { RuleArn: arn, IsDefault: false } };
}

type ConditionName = 'Field' | 'Values' | 'HostHeaderConfig' | 'PathPatternConfig' | 'HttpHeaderConfig';

function toCondition(condition: Properties<ConditionName>): RuleCondition {
  const header = condition.item('HttpHeaderConfig', ['HttpHeaderName', 'Values']);
  const values = (name: 'HostHeaderConfig' | 'PathPatternConfig') => {
    const config = condition.item(name, ['Values']);
    return config && { Values: [...config.texts('Values')] };
  };
  return {
    Field: condition.getText('Field'),
    ...(condition.has('Values') && { Values: [...condition.texts('Values')] }),
    HostHeaderConfig: values('HostHeaderConfig'),
    PathPatternConfig: values('PathPatternConfig'),
    HttpHeaderConfig: header && { HttpHeaderName: header.getText('HttpHeaderName'), Values: [...header.texts('Values')] },
  };
}

/** CloudFormation's action has the API's shape, with numbers that may be texts. */
function toAction(action: Properties<(typeof ACTION)[number]>): SdkAction {
  const forward = action.item('ForwardConfig', ['TargetGroups', 'TargetGroupStickinessConfig']);
  const fixed = action.item('FixedResponseConfig', ['StatusCode', 'ContentType', 'MessageBody']);
  const sticky = forward?.item('TargetGroupStickinessConfig', ['Enabled', 'DurationSeconds']);
  const type = action.getText('Type');
  return {
    Type: type === 'forward' || type === 'fixed-response' ? type : refuseType(type),
    TargetGroupArn: action.text('TargetGroupArn'),
    ForwardConfig: forward && {
      TargetGroups: forward
        .items('TargetGroups', ['TargetGroupArn', 'Weight'])
        .map((group) => ({ TargetGroupArn: group.getText('TargetGroupArn'), Weight: group.number('Weight') })),
      TargetGroupStickinessConfig: sticky && {
        Enabled: sticky.flag('Enabled'),
        DurationSeconds: sticky.number('DurationSeconds'),
      },
    },
    FixedResponseConfig: fixed && {
      StatusCode: fixed.getText('StatusCode'),
      ContentType: fixed.text('ContentType'),
      MessageBody: fixed.text('MessageBody'),
    },
  };
}

function refuseType(type: string): never {
  throw new TemplateError(`The action type ${type} is not known locally; use forward or fixed-response`);
}

function readProtocol(resource: DeclaredResource, protocol: string, isApplication: boolean): Protocol {
  const known: readonly Protocol[] = isApplication ? ['HTTP'] : ['TCP', 'UDP'];
  const found = known.find((one) => one === protocol);
  if (found) return found;
  const fix = isApplication ? 'use HTTP: certificates are not kept, so leave certificateArn out' : 'use TCP or UDP';
  throw new TemplateError(`${resource.path}: listeners of ${protocol} are not known locally; ${fix}`);
}
