/** The part of the Amazon States Language our workflows are written in (JSONata, variables), as plain data. */

/** An expression Step Functions evaluates. */
export type Jsonata = `{% ${string} %}`;
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export type Assignment = Readonly<Record<string, Value>>;

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign?: Assignment;
  readonly Output?: Value;
  readonly Next: string;
}

interface Guarded {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

interface Outcome {
  readonly Assign?: Assignment;
  readonly Output?: Value;
}

type Onward = { readonly Next: string } | { readonly End: true };

export type Task = Guarded &
  Outcome &
  Onward & {
    readonly Type: 'Task';
    readonly Resource: string;
    readonly Arguments: Readonly<Record<string, Value>>;
    readonly TimeoutSeconds: number;
  };

export interface ChoiceRule {
  readonly Condition: Jsonata;
  readonly Assign?: Assignment;
  readonly Next: string;
}
export type Choice = Outcome & { readonly Type: 'Choice'; readonly Choices: readonly ChoiceRule[]; readonly Default?: string };
export type Wait = Outcome & Onward & { readonly Type: 'Wait'; readonly Seconds: number | Jsonata };
export type Pass = Outcome & Onward & { readonly Type: 'Pass' };
export type Parallel = Guarded & Outcome & Onward & { readonly Type: 'Parallel'; readonly Branches: readonly Definition[] };
export type MapEach = Guarded &
  Outcome &
  Onward & {
    readonly Type: 'Map';
    readonly Items: Jsonata;
    readonly MaxConcurrency: number;
    readonly ItemProcessor: Definition & { readonly ProcessorConfig: { readonly Mode: 'INLINE' } };
  };
export type Succeed = { readonly Type: 'Succeed'; readonly Output?: Value };
export type Fail = { readonly Type: 'Fail'; readonly Error: string; readonly Cause: string };

export type State = Task | Choice | Wait | Pass | Parallel | MapEach | Succeed | Fail;
export type States = Readonly<Record<string, State>>;

export interface Definition {
  readonly StartAt: string;
  readonly States: States;
}

export interface Workflow extends Definition {
  readonly Comment: string;
  readonly QueryLanguage: 'JSONata';
  readonly TimeoutSeconds: number;
}

/** When the workflow entered the state it is in: the instant a step decides at, the same on every retry. */
export const ENTERED = '{% $states.context.State.EnteredTime %}';
