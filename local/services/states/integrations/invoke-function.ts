import { AwsError } from '../../../kernel/aws-error.ts';
import type { Functions } from '../../../kernel/ports.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { toJson } from '../language/json.ts';
import { StateError } from '../language/state-error.ts';
import { asServiceError, parametersOf, requiredText, sdkMetadata, textOf } from './integration.ts';
import type { TaskCall } from './integration.ts';

/** `lambda:invoke`. The function's own error type is the state's error name. */
export async function invokeFunction(functions: Functions, call: TaskCall): Promise<Json> {
  const parameters = parametersOf(call, ['FunctionName', 'Payload', 'Qualifier', 'InvocationType']);
  const qualifier = textOf(call, parameters, 'Qualifier');
  const name = requiredText(call, parameters, 'FunctionName') + (qualifier === undefined ? '' : `:${qualifier}`);
  const payload = parameters['Payload'] ?? {};
  try {
    if (textOf(call, parameters, 'InvocationType') === 'Event') return enqueued(functions, call, { name, payload });
    const invocation = await call.scope.outside(functions.invoke(name, structuredClone(payload)));
    if (invocation.kind === 'returned') return answer(call, name, toJson(invocation.payload));
    throw new StateError(invocation.errorType || 'Lambda.Unknown', JSON.stringify(toJson(invocation.payload)));
  } catch (error) {
    throw error instanceof AwsError ? asServiceError(call, error, 'Lambda') : error;
  }
}

function enqueued(functions: Functions, call: TaskCall, event: { name: string; payload: Json }): JsonObject {
  functions.enqueue(event.name, structuredClone(event.payload));
  return { ...sdkMetadata(call), StatusCode: 202 };
}

function answer(call: TaskCall, name: string, payload: Json): JsonObject {
  return { ExecutedVersion: versionIn(name), Payload: payload, ...sdkMetadata(call), StatusCode: 200 };
}

/** `…:function:name:7` → `7`. Behind an alias AWS answers the version it stands for, which the port does not tell. */
function versionIn(name: string): string {
  const qualifier = /^(?:arn:[^:]+:lambda:[^:]*:[^:]*:function:)?[^:]+:([^:]+)$/.exec(name)?.[1];
  return qualifier ?? '$LATEST';
}
