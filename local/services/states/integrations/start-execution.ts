import { AwsError } from '../../../kernel/aws-error.ts';
import type { Execution } from '../execution.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { parseJson } from '../language/json.ts';
import { StateError, SubmitFailure, TASK_FAILED } from '../language/state-error.ts';
import { record } from '../run/run.ts';
import { asServiceError, parametersOf, requiredText, sdkMetadata, textOf } from './integration.ts';
import type { TaskCall } from './integration.ts';

/** Starts executions for a task; throws AwsError as StartExecution does. */
export type Starter = (stateMachineArn: string, input: string, name?: string) => Execution;

/** `states:startExecution`: started, not waited for. */
export function startExecution(start: Starter, call: TaskCall): JsonObject {
  return started(call, begin(start, call));
}

/** `states:startExecution.sync:2`: waits for the child's end. A task that ends before its child stops the child. */
export async function runExecution(start: Starter, call: TaskCall): Promise<Json> {
  const child = submit(start, call);
  const { visit, named } = call;
  record(visit.run, visit.frame, 'TaskSubmitted', {
    taskSubmittedEventDetails: {
      resourceType: named.resourceType,
      resource: named.resource,
      output: JSON.stringify(started(call, child)),
      outputDetails: { truncated: false },
    },
  });
  await call.scope.wait<undefined>((done) => {
    child.onEnd(() => done(undefined));
    return () => child.stop(undefined, `Stopped with its parent ${visit.run.facts.arn}.`);
  });
  const description = describe(child);
  if (child.status === 'SUCCEEDED') return description;
  throw new StateError(TASK_FAILED, JSON.stringify({ ...description, Input: child.input }));
}

function submit(start: Starter, call: TaskCall): Execution {
  try {
    return begin(start, call);
  } catch (error) {
    throw error instanceof StateError ? new SubmitFailure(error.error, error.because) : error;
  }
}

function begin(start: Starter, call: TaskCall): Execution {
  const parameters = parametersOf(call, ['StateMachineArn', 'Input', 'Name', 'TraceHeader']);
  const input = parameters['Input'] ?? {};
  try {
    return start(
      requiredText(call, parameters, 'StateMachineArn'),
      typeof input === 'string' ? input : JSON.stringify(input),
      textOf(call, parameters, 'Name'),
    );
  } catch (error) {
    throw error instanceof AwsError ? asServiceError(call, error, 'StepFunctions') : error;
  }
}

function started(call: TaskCall, child: Execution): JsonObject {
  return { ExecutionArn: child.arn, ...sdkMetadata(call), StartDate: child.startedAt };
}

/** The child as DescribeExecution would answer it; `.sync:2` gives Input and Output as JSON, not as text. */
function describe(child: Execution): JsonObject {
  const { end } = child;
  const included = { Included: true };
  return {
    ExecutionArn: child.arn,
    Input: parseJson(child.input),
    InputDetails: included,
    Name: child.name,
    ...(end?.output !== undefined && { Output: parseJson(end.output), OutputDetails: included }),
    ...(end?.error !== undefined && { Error: end.error }),
    ...(end?.cause !== undefined && { Cause: end.cause }),
    RedriveCount: 0,
    StartDate: child.startedAt,
    StateMachineArn: child.machine.arn,
    Status: child.status,
    ...(end !== undefined && { StopDate: end.at }),
  };
}
