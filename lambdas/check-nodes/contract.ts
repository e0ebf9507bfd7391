import * as z from 'zod';
import { answer, contract, instant, stepInput, waitAnswer } from '../shared/contract.ts';
import { launchPhase } from '../launch-nodes/contract.ts';

/** Registers what runs, then says whether all nodes launched in this phase are healthy. */
export const checkNodes = contract({
  name: 'check-nodes',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG', 'WORK_BUCKET'],
  input: stepInput.extend({ phase: launchPhase, deadline: instant }),
  output: z.discriminatedUnion('kind', [
    /** `addresses`: private addresses of the canary's nodes, for the prober. */
    z.strictObject({ kind: z.literal('healthy'), why: z.string(), addresses: z.array(z.string()) }),
    waitAnswer,
    answer('failed'),
  ]),
});
