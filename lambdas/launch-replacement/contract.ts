import * as z from 'zod';
import { answer, contract, waitAnswer } from '../shared/contract.ts';
import { remediationStep } from '../shared/remediation.ts';

/** Records what the workflow has launched; without that, launches in another zone, or of another type. */
export const launchReplacement = contract({
  name: 'launch-replacement',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG', 'NOTICES_TOPIC'],
  input: remediationStep.extend({ instanceId: z.string().min(1).optional() }),
  /** moved: the slot is somebody else's now, or gone. */
  output: z.discriminatedUnion('kind', [answer('launched'), answer('moved'), waitAnswer]),
});
