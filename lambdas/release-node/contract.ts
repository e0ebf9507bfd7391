import * as z from 'zod';
import { answer, contract, waitAnswer } from '../shared/contract.ts';
import { remediationStep } from '../shared/remediation.ts';

/** Ends a failed node: out of its group, drained, and not before its evidence is saved or its time is over. */
export const releaseNode = contract({
  name: 'release-node',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG'],
  input: remediationStep.extend({ isFinal: z.boolean() }),
  /** keep: it is off, costs little, and has more to tell. */
  output: z.discriminatedUnion('kind', [answer('gone'), answer('keep'), waitAnswer]),
});
