import type { AwsError } from '../../../kernel/aws-error.ts';
import type { TaskState } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { isObject } from '../language/json.ts';
import { StateError } from '../language/state-error.ts';
import { runtimeFailure } from '../run/evaluate.ts';
import type { Visit } from '../run/run.ts';
import type { Scope } from '../run/scope.ts';
import type { TaskResource } from './resource.ts';

/** One attempt at a task: everything an integration may look at. */
export interface TaskCall {
  readonly visit: Visit<TaskState>;
  readonly named: TaskResource;
  readonly parameters: Json;
  /** Ends with the task's timeout, its branch or the execution. */
  readonly scope: Scope;
}

export interface Integrations {
  call(call: TaskCall): Promise<Json>;
}

/** The parameters as an object holding no other fields than the named. */
export function parametersOf(call: TaskCall, known: readonly string[]): JsonObject {
  const { parameters } = call;
  if (!isObject(parameters)) throw refused(call, 'are not an object');
  const unknown = Object.keys(parameters).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw refused(call, `have ${unknown.join(', ')}; known here: ${known.join(', ')}`);
  return parameters;
}

/** A text among the parameters. */
export function textOf(call: TaskCall, parameters: JsonObject, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || typeof value === 'string') return value;
  throw refused(call, `have a ${name} that is not a string`);
}

export function requiredText(call: TaskCall, parameters: JsonObject, name: string): string {
  const value = textOf(call, parameters, name);
  if (value === undefined || value === '') throw refused(call, `lack ${name}`);
  return value;
}

function refused({ visit, named }: TaskCall, why: string): StateError {
  return runtimeFailure(visit, `The Arguments of ${named.resourceType}:${named.resource} ${why}.`);
}

/** How an AWS service's error looks to a state machine: `Lambda.TooManyRequestsException`, with AWS's form of cause. */
export function asServiceError(call: TaskCall, error: AwsError, prefix: string): StateError {
  const id = call.visit.run.world.random.uuid();
  return new StateError(
    `${prefix}.${errorName(prefix, error.code)}`,
    `${error.message} (Service: ${prefix}, Status Code: ${error.status}, Request ID: ${id})`,
  );
}

/** What the SDK adds to the answer of an optimized integration. */
export function sdkMetadata(call: TaskCall): JsonObject {
  const RequestId = call.visit.run.world.random.uuid();
  return { SdkHttpMetadata: { HttpStatusCode: 200 }, SdkResponseMetadata: { RequestId } };
}

/** EC2 declares no errors in its model: the SDK, and so Step Functions, knows them all by one name. */
function errorName(prefix: string, code: string): string {
  if (prefix === 'Ec2') return 'Ec2Exception';
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
