/** What every step of a release is told. `at` is when the workflow entered the state: a retry decides the same. */
import * as z from 'zod';

export const serviceName = z.string().regex(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/);
export const version = z.string().min(5).max(32);
export const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const stepInput = z.strictObject({
  service: serviceName,
  version,
  fence: z.int().min(1),
  at: instant,
});

export const build = z.enum(['linux', 'unikernel']);

/** One function: its environment, what it takes, what it answers. Shared by the function, its construct and the workflows. */
export interface Contract<
  Env extends readonly string[] = readonly string[],
  In extends z.ZodType = z.ZodType,
  Out extends z.ZodType = z.ZodType,
> {
  readonly name: string;
  readonly env: Env;
  readonly input: In;
  readonly output: Out;
}

export const contract = <const Env extends readonly string[], In extends z.ZodType, Out extends z.ZodType>(
  c: Contract<Env, In, Out>,
) => c;

/** Answers that a workflow waits on: `seconds` until it should ask again. */
export const waitAnswer = z.strictObject({ kind: z.literal('wait'), seconds: z.int().min(1), why: z.string() });
export const answer = <const Kind extends string>(kind: Kind) => z.strictObject({ kind: z.literal(kind), why: z.string() });
