import * as z from 'zod';
import { answer, contract, waitAnswer } from '../shared/contract.ts';
import { remediationStep } from '../shared/remediation.ts';

/** Brings a replacement into its group, and the failed node out of it. Asked until the replacement serves, or fails too. */
export const tendReplacement = contract({
  name: 'tend-replacement',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG'],
  input: remediationStep,
  output: z.discriminatedUnion('kind', [
    answer('healthy'),
    answer('moved'),
    waitAnswer,
    /** `seconds`: how long to wait before it is replaced in its turn. */
    z.strictObject({
      kind: z.literal('failed'),
      seconds: z.int().min(1),
      instanceId: z.string(),
      isHung: z.boolean(),
      why: z.string(),
    }),
  ]),
});
