/** The Amazon States Language with JSONata, as far as this interpreter runs it. Fields keep the language's own names. */
import { z } from 'zod';
import type { Json } from './json.ts';

const json: z.ZodType<Json> = z.json();
const comment = z.string().optional();
const queryLanguage = z.literal('JSONata').optional();
const states: z.ZodType<Record<string, State>> = z.record(
  z.string().min(1).max(80),
  z.lazy(() => state),
);
// AWS: a variable name has at most 80 characters, and `$states` is reserved.
const variable = z
  .string()
  .max(80)
  .regex(/^[\p{ID_Start}_][\p{ID_Continue}]*$/u)
  .refine((name) => name !== 'states', '$states is reserved');
const assign = z.record(variable, json).optional();
const expression = z.string().regex(/^\{%[\s\S]*%\}$/, 'is neither a literal nor {% JSONata %}');
const seconds = z.union([z.int().min(1).max(99_999_999), expression]);
const count = z.union([z.int().min(0), expression]);
const errorNames = z.array(z.string()).min(1);

const retrier = z.strictObject({
  ErrorEquals: errorNames,
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
  Comment: comment,
});
const catcher = z.strictObject({
  ErrorEquals: errorNames,
  Next: z.string(),
  Output: json.optional(),
  Assign: assign,
  Comment: comment,
});
const handling = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) };
const plain = { Comment: comment, QueryLanguage: queryLanguage };
const flow = { ...plain, Next: z.string().optional(), End: z.literal(true).optional(), Output: json.optional(), Assign: assign };

const branch: z.ZodType<Branch> = z.strictObject({ StartAt: z.string(), States: states, ...plain });
const processor: z.ZodType<Branch> = z.strictObject({
  StartAt: z.string(),
  States: states,
  ...plain,
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE', 'only INLINE maps run here') }).optional(),
});
const choice = z.strictObject({
  Condition: z.union([z.boolean(), expression]),
  Next: z.string(),
  Output: json.optional(),
  Assign: assign,
  Comment: comment,
});

const task = z.strictObject({
  Type: z.literal('Task'),
  ...flow,
  ...handling,
  Resource: z.string(),
  Arguments: json.optional(),
  TimeoutSeconds: seconds.optional(),
});
const pass = z.strictObject({ Type: z.literal('Pass'), ...flow });
const choiceState = z.strictObject({
  Type: z.literal('Choice'),
  ...plain,
  Choices: z.array(choice).min(1),
  Default: z.string().optional(),
  Output: json.optional(),
  Assign: assign,
});
const wait = z.strictObject({
  Type: z.literal('Wait'),
  ...flow,
  Seconds: z.union([z.number().min(0).max(99_999_999), expression]).optional(),
  Timestamp: z.string().optional(),
});
const succeed = z.strictObject({ Type: z.literal('Succeed'), ...plain, Output: json.optional() });
const fail = z.strictObject({ Type: z.literal('Fail'), ...plain, Error: z.string().optional(), Cause: z.string().optional() });
const parallelFields = z.strictObject({ Type: z.literal('Parallel'), ...flow, ...handling, Arguments: json.optional() });
const mapFields = z.strictObject({
  Type: z.literal('Map'),
  ...flow,
  ...handling,
  Items: z.union([z.array(json), expression]).optional(),
  ItemSelector: json.optional(),
  MaxConcurrency: count.optional(),
  ToleratedFailureCount: count.optional(),
  ToleratedFailurePercentage: z.union([z.number().min(0).max(100), expression]).optional(),
});

const parallel = parallelFields.extend({ Branches: z.array(branch).min(1) });
const map = mapFields.extend({ ItemProcessor: processor });
const state = z.discriminatedUnion('Type', [task, pass, choiceState, wait, succeed, fail, parallel, map]);

export const machine = z.strictObject({
  StartAt: z.string(),
  States: states,
  Comment: comment,
  QueryLanguage: z.literal('JSONata', 'only JSONata is understood here: set QueryLanguage to JSONata'),
  TimeoutSeconds: z.int().min(1).max(99_999_999).optional(),
  Version: z.literal('1.0').optional(),
});

export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
export type Choice = z.infer<typeof choice>;
export type TaskState = z.infer<typeof task>;
export type PassState = z.infer<typeof pass>;
export type ChoiceState = z.infer<typeof choiceState>;
export type WaitState = z.infer<typeof wait>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;
export interface Branch {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
export type ParallelState = z.infer<typeof parallelFields> & { readonly Branches: readonly Branch[] };
export type MapState = z.infer<typeof mapFields> & { readonly ItemProcessor: Branch };
export type State = TaskState | PassState | ChoiceState | WaitState | SucceedState | FailState | ParallelState | MapState;
export type Machine = Branch & { readonly TimeoutSeconds?: number | undefined };
