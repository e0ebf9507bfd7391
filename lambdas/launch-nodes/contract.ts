import * as z from 'zod';
import { answer, contract, stepInput } from '../shared/contract.ts';

/**
 * canary: canary and fresh baseline · debut: next fleet's first nodes and control · promote: the next batch of the new
 * fleet · finish: the new release's always-on Linux nodes · restore: after a rollback, what the steady state lacks.
 */
export const launchPhase = z.enum(['canary', 'debut', 'promote', 'finish', 'restore']);

export const launchNodes = contract({
  name: 'launch-nodes',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG'],
  input: stepInput.extend({ phase: launchPhase }),
  output: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('launched'), why: z.string(), deadline: z.iso.datetime() }),
    /** There is nothing (more) to launch in this phase. */
    answer('complete'),
  ]),
});
