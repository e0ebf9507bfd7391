import {
  DescribeExecution$,
  DescribeStateMachine$,
  DescribeStateMachineForExecution$,
  GetExecutionHistory$,
  ListExecutions$,
  ListStateMachines$,
  StartExecution$,
  StopExecution$,
} from '@aws-sdk/client-sfn';
import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  DescribeStateMachineForExecutionInput,
  DescribeStateMachineForExecutionOutput,
  DescribeStateMachineInput,
  DescribeStateMachineOutput,
  ExecutionListItem,
  GetExecutionHistoryInput,
  HistoryEvent,
  ListExecutionsInput,
  ListExecutionsOutput,
  ListStateMachinesInput,
  ListStateMachinesOutput,
  StartExecutionInput,
  StartExecutionOutput,
  StopExecutionInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import type { Execution } from './execution.ts';
import type { Starter } from './integrations/start-execution.ts';
import type { DeclaredMachine } from './machine.ts';
import { page } from './page.ts';
import type { StatesStore } from './store.ts';

export function operationsOf(store: StatesStore, launch: Starter): Readonly<Record<string, Operation>> {
  return {
    StartExecution: { schema: StartExecution$, run: (input: StartExecutionInput) => startExecution(launch, input) },
    StopExecution: { schema: StopExecution$, run: (input: StopExecutionInput) => stopExecution(store, input) },
    DescribeExecution: { schema: DescribeExecution$, run: (input: DescribeExecutionInput) => describeExecution(store, input) },
    GetExecutionHistory: { schema: GetExecutionHistory$, run: (input: GetExecutionHistoryInput) => history(store, input) },
    ListExecutions: { schema: ListExecutions$, run: (input: ListExecutionsInput) => listExecutions(store, input) },
    ListStateMachines: { schema: ListStateMachines$, run: (input: ListStateMachinesInput) => listMachines(store, input) },
    DescribeStateMachine: {
      schema: DescribeStateMachine$,
      run: (input: DescribeStateMachineInput) => describeMachine(store, input),
    },
    DescribeStateMachineForExecution: {
      schema: DescribeStateMachineForExecution$,
      run: (input: DescribeStateMachineForExecutionInput) => describeMachineOf(store, input),
    },
  };
}

function startExecution(launch: Starter, input: StartExecutionInput): StartExecutionOutput {
  const execution = launch(required('stateMachineArn', input.stateMachineArn), input.input ?? '{}', input.name);
  return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
}

function stopExecution(store: StatesStore, input: StopExecutionInput): StopExecutionOutput {
  const execution = store.execution(required('executionArn', input.executionArn));
  execution.stop(input.error, input.cause);
  return { stopDate: dateOf(execution.end?.at) };
}

function describeExecution(store: StatesStore, input: DescribeExecutionInput): DescribeExecutionOutput {
  const execution = store.execution(required('executionArn', input.executionArn));
  const { end } = execution;
  return {
    ...listed(execution),
    input: execution.input,
    inputDetails: { included: true },
    ...(end?.output !== undefined && { output: end.output, outputDetails: { included: true } }),
    error: end?.error,
    cause: end?.cause,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'The local Step Functions redrives nothing.',
  };
}

function listed(execution: Execution): ExecutionListItem {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    stateMachineVersionArn: execution.machine.versionArn,
    name: execution.name,
    status: execution.status,
    startDate: new Date(execution.startedAt),
    stopDate: dateOf(execution.end?.at),
    redriveCount: 0,
  };
}

function history(store: StatesStore, input: GetExecutionHistoryInput) {
  const { events } = store.execution(required('executionArn', input.executionArn)).history;
  const ordered = input.reverseOrder === true ? events.toReversed() : events;
  const { items, nextToken } = page(ordered, { limit: input.maxResults, most: 1000, token: input.nextToken });
  return { events: input.includeExecutionData === false ? items.map(withoutData) : items, nextToken };
}

const DATA_FIELDS = ['input', 'output', 'parameters', 'assignedVariables'];

/** An event without what went in and out, as AWS answers for `includeExecutionData: false`. */
function withoutData(event: HistoryEvent): HistoryEvent {
  const fields: [string, unknown][] = Object.entries(event);
  const details = fields.filter(([name]) => name.endsWith('Details')).map(([name, value]) => [name, bare(value)] as const);
  return { ...event, ...Object.fromEntries(details) };
}

function bare(details: unknown): unknown {
  if (typeof details !== 'object' || details === null) return details;
  const fields: [string, unknown][] = Object.entries(details);
  return Object.fromEntries(fields.filter(([name]) => !DATA_FIELDS.includes(name)));
}

function listExecutions(store: StatesStore, input: ListExecutionsInput): ListExecutionsOutput {
  const machine = store.machine(required('stateMachineArn', input.stateMachineArn));
  const { statusFilter } = input;
  const all = store.executionsOf(machine).filter((each) => statusFilter === undefined || each.status === statusFilter);
  const { items, nextToken } = page(all, { limit: input.maxResults, most: 1000, token: input.nextToken });
  return { executions: items.map(listed), nextToken };
}

function listMachines(store: StatesStore, input: ListStateMachinesInput): ListStateMachinesOutput {
  const { items, nextToken } = page(store.machines, { limit: input.maxResults, most: 1000, token: input.nextToken });
  const stateMachines = items.map((machine) => ({
    stateMachineArn: machine.arn,
    name: machine.name,
    type: 'STANDARD' as const,
    creationDate: new Date(machine.createdAt),
  }));
  return { stateMachines, nextToken };
}

function describeMachine(store: StatesStore, input: DescribeStateMachineInput): DescribeStateMachineOutput {
  const machine = store.machine(required('stateMachineArn', input.stateMachineArn));
  const stateMachineArn = machine.versionArn ?? machine.arn;
  const creationDate = new Date(machine.createdAt);
  return { ...described(machine), stateMachineArn, status: 'ACTIVE', type: 'STANDARD', creationDate };
}

/** The definition the execution runs, which may be older than the machine's. */
function describeMachineOf(
  store: StatesStore,
  input: DescribeStateMachineForExecutionInput,
): DescribeStateMachineForExecutionOutput {
  const { machine } = store.execution(required('executionArn', input.executionArn));
  return { ...described(machine), updateDate: new Date(machine.createdAt) };
}

function described(machine: DeclaredMachine) {
  const { arn, name, text, roleArn, revisionId } = machine;
  return { stateMachineArn: arn, name, definition: text, roleArn, ...(revisionId !== 'INITIAL' && { revisionId }) };
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AwsError('ValidationException', `1 validation error detected: Value at '${name}' must not be empty`);
}

function dateOf(instant: number | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}
