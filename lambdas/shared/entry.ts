import middy from '@middy/core';
import type { z } from 'zod';
import type { Contract } from './contract.ts';
import { type Invocation, logOutcome } from './log-outcome.ts';
import { parseInput } from './parse.ts';

export type Door<Result> = (event: unknown, context: Invocation) => Promise<Result>;

/**
 * The one stack every function wears, outermost first: log the outcome, parse the input, run, check the answer. It
 * swallows nothing: what is thrown reaches AWS under its name, where the workflow retries or catches it.
 */
export function entry<In extends z.ZodType, Out extends z.ZodType>(
  contract: Contract<readonly string[], In, Out>,
  run: (input: z.output<In>) => Promise<z.input<Out>>,
): Door<z.output<Out>> {
  const handler = async (raw: unknown): Promise<z.output<Out>> =>
    checked(contract, await run(parseInput(contract.name, contract.input, raw)));
  return middy<unknown, z.output<Out>>()
    .use(logOutcome(contract.name, (line) => console.log(line)))
    .handler(handler);
}

/** An answer that breaks the contract is our own mistake: the workflow's next choice would be made on it. */
function checked<Out extends z.ZodType>(contract: Contract<readonly string[], z.ZodType, Out>, answer: unknown): z.output<Out> {
  const parsed = contract.output.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new TypeError(`${contract.name} answered what its contract does not allow: ${parsed.error.message}`);
}
