/** What a running execution is made of. */
import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { World } from '../../../kernel/world.ts';
import type { Branch, State } from '../language/definition.ts';
import type { Expressions } from '../language/expressions.ts';
import type { Json } from '../language/json.ts';
import type { Integrations } from '../integrations/integration.ts';
import type { EventDetails, History } from './history.ts';
import type { Scope } from './scope.ts';
import type { Variables } from './variables.ts';

export interface ExecutionFacts {
  readonly arn: string;
  readonly name: string;
  readonly input: Json;
  readonly startedAt: number;
  readonly roleArn: string;
  readonly machineArn: string;
  readonly machineName: string;
}

export interface Run {
  readonly world: World;
  readonly facts: ExecutionFacts;
  readonly history: History;
  readonly expressions: Expressions;
  readonly integrations: Integrations;
  /** Account seconds a second of running code takes: the time limit of a call is stretched by it, waits are not. */
  readonly speed: number;
  /** Runs a chain of states to its end; Parallel and Map come back here. */
  branch(branch: Branch, input: Json, frame: Frame): Promise<Json>;
}

/** One line of states being followed: the machine's own, a branch, an iteration. */
export interface Frame {
  readonly scope: Scope;
  readonly variables: Variables;
  readonly item?: { readonly Index: number; readonly Value: Json } | undefined;
  /** The state it is in, for the trace. */
  state?: string;
  /** Id of the event before the next one; 0 at the start, as AWS has it. */
  lastEvent: number;
}

/** One visit of one state. Its entered time stands still while it is retried. */
export interface Visit<S extends State = State> {
  readonly run: Run;
  readonly frame: Frame;
  readonly state: S;
  readonly name: string;
  readonly input: Json;
  readonly enteredAt: number;
  readonly enteredEvent: number;
  retries: number;
}

/** Where a state led. `next` is undefined at an end. */
export interface Step {
  readonly output: Json;
  readonly next: string | undefined;
}

/** Adds to the history, and to the one trace. */
export function record(run: Run, frame: Frame, type: HistoryEventType, details: EventDetails = {}): number {
  frame.lastEvent = run.history.add(type, frame.lastEvent, details);
  tell(run, type, details, frame.state);
  return frame.lastEvent;
}

/** The trace says what happened to which state and why, without the payloads. */
export function tell(run: Run, type: HistoryEventType, details: EventDetails, state?: string): void {
  const [said] = Object.values(details);
  run.world.trace.add(`states/${run.facts.name}`, type, {
    machine: run.facts.machineName,
    ...(state !== undefined && { state }),
    ...pick(said, ['index', 'resource', 'error', 'cause']),
  });
}

function pick(said: unknown, keys: readonly string[]): Record<string, unknown> {
  if (typeof said !== 'object' || said === null) return {};
  return Object.fromEntries(Object.entries(said).filter(([key, value]) => keys.includes(key) && value !== undefined));
}
