/** A small account for the state machine tests: virtual time, seeded dice, stand-ins for the neighbours. */
import type { DescribeExecutionOutput, HistoryEvent } from '@aws-sdk/client-sfn';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import type { BusEvent, Dimensions, Invocation } from '../../../local/kernel/ports.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import { MemoryTrace } from '../../../local/kernel/trace.ts';
import type { World } from '../../../local/kernel/world.ts';
import { createStates } from '../../../local/services/states/service.ts';

export const START = Date.UTC(2030, 0, 1);
export const INVOKE = 'arn:aws:states:::lambda:invoke';
export const ROLE = 'arn:aws:iam::123456789012:role/states';

export type Handler = (payload: unknown, account: Account) => unknown;
export type StateJson = Record<string, unknown>;

export const returned = (payload: unknown): Invocation => ({ kind: 'returned', payload });
export const failed = (errorType: string, errorMessage = 'no'): Invocation => ({
  kind: 'failed',
  errorType,
  errorMessage,
  payload: { errorType, errorMessage },
});

export class Account {
  readonly clock = new VirtualClock({ start: START });
  readonly events: BusEvent[] = [];
  readonly invoked: { name: string; payload: unknown; at: number }[] = [];
  readonly enqueued: { name: string; payload: unknown }[] = [];
  readonly calls: { service: string; operation: string; input: unknown }[] = [];
  readonly counted: { metric: string; dimensions: Dimensions }[] = [];
  functions: Record<string, Handler> = {};
  answer: (input: unknown) => unknown = () => ({});
  readonly world: World;
  readonly trace = new MemoryTrace(() => this.clock.now());
  readonly states;

  constructor(seed = 1, speed?: number) {
    const account = {
      id: '123456789012',
      region: 'eu-central-1',
      partition: 'aws',
      zones: ['eu-central-1a'],
      endpoint: 'http://127.0.0.1:1',
    };
    this.world = { time: this.clock, random: createRandom(seed), trace: this.trace, account };
    this.states = createStates({
      world: this.world,
      speed,
      bus: { put: (event) => void this.events.push(event) },
      metrics: { put: (_namespace, metric, dimensions) => void this.counted.push({ metric, dimensions }) },
      functions: {
        invoke: (name, payload) => this.#invoke(name, payload),
        enqueue: (name, payload) => void this.enqueued.push({ name, payload }),
      },
      api: {
        call: async (service, operation, input) => {
          this.calls.push({ service, operation, input });
          return this.answer(input);
        },
      },
    });
  }

  declare(definition: unknown, name = 'machine', properties: Record<string, unknown> = {}): string {
    const DefinitionString = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const make = this.states.service.resources['AWS::StepFunctions::StateMachine']!;
    const type = 'AWS::StepFunctions::StateMachine';
    const all = { DefinitionString, StateMachineName: name, RoleArn: ROLE, ...properties };
    const physical = make({ stack: 's', logicalId: 'Machine', type, path: `s/${name}`, properties: all });
    return (physical as { ref: string }).ref;
  }

  /** Declares a machine of these states (the first one starts), and starts it. */
  begin(states: Record<string, StateJson>, input: unknown = {}, top: StateJson = {}): string {
    const arn = this.declare(jsonata(states, top));
    return this.states.machines.start(arn, JSON.stringify(input), 'run');
  }

  /** As `begin`, then lets time pass until the execution has ended. */
  async run(states: Record<string, StateJson>, input: unknown = {}, top: StateJson = {}): Promise<Outcome> {
    return this.finish(this.begin(states, input, top));
  }

  async finish(arn: string, limitMs?: number): Promise<Outcome> {
    await this.clock.runUntil(() => this.describe(arn).status !== 'RUNNING', limitMs);
    return this.outcome(arn);
  }

  outcome(arn: string): Outcome {
    const { status, output, error, cause, stopDate } = this.describe(arn);
    const { events } = this.call('GetExecutionHistory', { executionArn: arn, maxResults: 1000 }) as { events: HistoryEvent[] };
    const seconds = ((stopDate?.getTime() ?? NaN) - START) / 1000;
    return { status, output: output === undefined ? undefined : (JSON.parse(output) as unknown), error, cause, events, seconds };
  }

  describe(executionArn: string): DescribeExecutionOutput {
    return this.call('DescribeExecution', { executionArn }) as DescribeExecutionOutput;
  }

  call(operation: string, input: unknown): unknown {
    const found = this.states.service.operations[operation]!;
    return found.run(input as never, { requestId: 'r', sourceIp: '127.0.0.1' });
  }

  async #invoke(name: string, payload: unknown): Promise<Invocation> {
    this.invoked.push({ name, payload, at: (this.clock.now() - START) / 1000 });
    const handler = this.functions[name];
    if (handler === undefined) throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    const result = await handler(payload, this);
    return typeof result === 'object' && result !== null && 'kind' in result ? (result as Invocation) : returned(result);
  }
}

export interface Outcome {
  status: string | undefined;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
  events: HistoryEvent[];
  /** When it ended, in seconds of account time. */
  seconds: number;
}

export function jsonata(states: Record<string, StateJson>, top: StateJson = {}): StateJson {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...top };
}

export const task = (name: string, more: StateJson = {}): StateJson => ({
  Type: 'Task',
  Resource: INVOKE,
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  ...('Next' in more ? {} : { End: true }),
  ...more,
});

export const types = (outcome: Outcome): (string | undefined)[] => outcome.events.map((event) => event.type);
