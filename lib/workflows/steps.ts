import { z } from 'zod';
import type { Assignment, Catcher, Choice, ChoiceRule, Jsonata, Retrier, Task, Value } from './asl.ts';

/** What a workflow can call: a function's version, another workflow, or an operation of AWS. All have a contract. */
export interface Callable<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly kind: 'function' | 'workflow' | 'sdk';
  /** ARN, or the expression that yields it; of an operation, the task's resource. */
  readonly id: string;
  readonly timeoutSeconds: number;
  readonly input: In;
  readonly output: Out;
}

/** Of every argument, the value itself or an expression for it. A missing or misspelt one does not compile. */
export type ArgumentsOf<Input> = Input extends unknown ? { readonly [Name in keyof Input]: Input[Name] | Jsonata } : never;

export interface Manner {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface CallProps extends Manner {
  /** Name of the variable that takes the answer. */
  readonly as?: string;
  readonly assign?: Assignment;
  readonly output?: Value;
  /** Next state; without it this one is the last. */
  readonly next?: string;
}

/** Where the answer of a call stands in its result. */
export const ANSWER = { function: '$states.result.Payload', workflow: '$states.result.Output', sdk: '$states.result' } as const;

/** A synchronous call of a function or an operation, or the run of a child workflow until it ends. */
export function call<In extends z.ZodType, Out extends z.ZodType>(
  callee: Callable<In, Out>,
  args: ArgumentsOf<z.input<In>>,
  props: CallProps,
): Task {
  const assign: Assignment = { ...(props.as ? { [props.as]: `{% ${ANSWER[callee.kind]} %}` } : {}), ...props.assign };
  return {
    Type: 'Task',
    ...targetOf(callee, toValue(args)),
    TimeoutSeconds: callee.timeoutSeconds,
    ...(Object.keys(assign).length > 0 ? { Assign: assign } : {}),
    ...(props.output === undefined ? {} : { Output: props.output }),
    ...(props.retry.length > 0 ? { Retry: props.retry } : {}),
    ...(props.catch.length > 0 ? { Catch: props.catch } : {}),
    ...(props.next ? { Next: props.next } : { End: true }),
  };
}

function targetOf(callee: Callable, args: Record<string, Value>): Pick<Task, 'Resource' | 'Arguments'> {
  switch (callee.kind) {
    case 'function':
      return { Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: callee.id, Payload: args } };
    case 'workflow':
      return {
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Arguments: { StateMachineArn: callee.id, Input: args },
      };
    case 'sdk':
      return { Resource: callee.id, Arguments: args };
  }
}

/** Arguments are JSON by their contract; the compiler cannot see it through the generic type. */
function toValue(args: unknown): Record<string, Value> {
  return z.record(z.string(), z.json()).parse(args);
}

export type KindOf<Out extends z.ZodType> = z.output<Out> extends { readonly kind: infer Kind extends string } ? Kind : never;
export type Turn = string | Omit<ChoiceRule, 'Condition'>;

/** A way on for every kind the callee (`of`) answers; a forgotten one does not compile. */
export function chooseKind<Out extends z.ZodType>(
  { variable }: { readonly of: Callable<z.ZodType, Out>; readonly variable: string },
  turns: Readonly<Record<KindOf<Out>, Turn>>,
): Choice {
  const entries: readonly [string, Turn][] = Object.entries<Turn>(turns);
  return {
    Type: 'Choice',
    Choices: entries.map(([kind, turn]) => ({
      Condition: `{% $${variable}.kind = '${kind}' %}`,
      ...(typeof turn === 'string' ? { Next: turn } : turn),
    })),
  };
}

export const waitSeconds = (variable: string, next: string) =>
  ({ Type: 'Wait', Seconds: `{% $${variable}.seconds %}`, Next: next }) as const;
