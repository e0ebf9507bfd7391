import type { Api, EventBus, Functions, MetricSink, StateMachines } from '../../kernel/ports.ts';
import type { LocalService } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { operationsOf } from './api.ts';
import type { Execution } from './execution.ts';
import { countExecution } from './execution-metrics.ts';
import { createIntegrations } from './integrations/integrations.ts';
import { Expressions } from './language/expressions.ts';
import { declareStateMachine, declareStateMachineVersion } from './resource.ts';
import { loadExecutions, SAVED_EXECUTIONS, SAVED_HISTORIES, saveExecutions } from './saved.ts';
import { statusEvent } from './status-event.ts';
import { StatesStore } from './store.ts';

export interface StatesParts {
  readonly world: World;
  readonly bus: EventBus;
  readonly functions: Functions;
  readonly api: Api;
  /** Told how executions begin and end. */
  readonly metrics?: MetricSink;
  /**
   * How much faster account time goes than the code that tasks call, which runs in real time. A task's TimeoutSeconds means
   * real seconds of a function or a call, so in account time it is this many times longer. 1 under a virtual clock.
   */
  readonly speed?: number;
}

const GAPS = [
  'Only JSONata definitions of STANDARD state machines run; inline Maps only; no activities, task tokens, heartbeats or redrives.',
  'Tasks call lambda:invoke, states:startExecution, states:startExecution.sync:2 and aws-sdk:<service>:<action>; roles are not checked.',
  'An item that failed within a Map’s tolerance is in the result as {Error, Cause}.',
  'A variable assigned in an inner scope under the name of an outer one is refused when the machine is declared.',
  '$toMillis with a picture that leaves out the date fills it in from the wall clock, not from the account’s time.',
  `A state folder keeps the newest ${SAVED_EXECUTIONS} executions, ${SAVED_HISTORIES} of them with their history. Executions in flight end ABORTED when it is opened again.`,
  'ExecutedVersion of a function called through an alias is the alias.',
  'An updated definition replaces the machine at once; executions that run, and versions, keep theirs.',
  'Versions are published by templates only, and there are no aliases. A reopened execution does not tell its version.',
];

/** Two views of one thing; they are apart because a service's own `start` begins the service. */
export interface States {
  readonly service: LocalService;
  readonly machines: StateMachines;
}

/** Step Functions: an interpreter of the Amazon States Language, behind the API of AWS. */
export function createStates({ world, bus, functions, api, metrics, speed = 1 }: StatesParts): States {
  const store = new StatesStore(world);
  const expressions = new Expressions(world);
  const integrations = createIntegrations(functions, api, launch);

  const parts = { world, expressions, integrations, speed };
  let interrupted: readonly Execution[] = [];

  /** Once everybody has started, so that whoever hears of it can act on it. */
  function endInterrupted(): void {
    for (const execution of interrupted) {
      execution.abandon('The local runtime ended while this execution ran.');
      bus.put(statusEvent(execution));
    }
    interrupted = [];
  }

  function launch(machineArn: string, input: string, name = world.random.uuid()): Execution {
    const { execution, isNew } = store.start(parts, { machineArn, input, name });
    if (isNew) {
      if (metrics !== undefined) countExecution(metrics, execution);
      execution.onEnd((ended) => bus.put(statusEvent(ended)));
      execution.begin();
      bus.put(statusEvent(execution));
    }
    return execution;
  }

  const service = {
    name: 'states',
    operations: operationsOf(store, launch),
    resources: {
      'AWS::StepFunctions::StateMachine': declareStateMachine(world, store, expressions),
      'AWS::StepFunctions::StateMachineVersion': declareStateMachineVersion(store),
    },
    gaps: GAPS,
    save: () => saveExecutions(store),
    load(saved: unknown): readonly string[] {
      interrupted = loadExecutions(store, parts, saved);
      return interrupted.map(({ arn }) => `The execution ${arn} was in flight: it is ABORTED.`);
    },
    start: () => void world.time.after(0, 'states ends what was in flight', endInterrupted),
  };
  const machines = { start: (machineArn: string, input: string, name?: string) => launch(machineArn, input, name).arn };
  return { service, machines };
}
