import { AwsError } from '../../../kernel/aws-error.ts';
import type { Api } from '../../../kernel/ports.ts';
import type { Json } from '../language/json.ts';
import { isArray, isObject, toJson } from '../language/json.ts';
import { asServiceError } from './integration.ts';
import type { TaskCall } from './integration.ts';

interface SdkService {
  /** Name of the local service: the signing name. */
  readonly local: string;
  /** In error names. */
  readonly prefix: string;
}

/** Services whose SDK name differs from their signing name, or whose prefix is not the capitalised name. */
const SERVICES: Readonly<Record<string, SdkService>> = {
  sfn: { local: 'states', prefix: 'Sfn' },
  elasticloadbalancingv2: { local: 'elasticloadbalancing', prefix: 'ElasticLoadBalancingV2' },
  cloudwatch: { local: 'monitoring', prefix: 'CloudWatch' },
  cloudwatchlogs: { local: 'logs', prefix: 'CloudWatchLogs' },
  eventbridge: { local: 'events', prefix: 'EventBridge' },
  dynamodb: { local: 'dynamodb', prefix: 'DynamoDb' },
};

/** `aws-sdk:<service>:<action>`: any operation of a local service. Parameters and answers have capitals, whatever the service. */
export async function callSdk(api: Api, call: TaskCall): Promise<Json> {
  const name = call.named.resourceType.slice('aws-sdk:'.length);
  const service = SERVICES[name] ?? { local: name, prefix: capital(name) };
  const lowers = service.local === 'states';
  const input = lowers ? renamed(call.parameters, small) : call.parameters;
  try {
    const answer = toJson(
      await call.scope.outside(api.call(service.local, capital(call.named.resource), structuredClone(input))),
    );
    const named = lowers ? renamed(answer, capital) : answer;
    if (!isObject(named)) return named;
    return Object.fromEntries(Object.entries(named).filter(([key]) => key !== '$metadata'));
  } catch (error) {
    throw error instanceof AwsError ? asServiceError(call, error, service.prefix) : error;
  }
}

function renamed(value: Json, rename: (key: string) => string): Json {
  if (isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [rename(key), renamed(field, rename)]));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function small(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
