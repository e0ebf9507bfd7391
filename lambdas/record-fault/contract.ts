import * as z from 'zod';
import { answer, contract, waitAnswer } from '../shared/contract.ts';
import { remediationStep } from '../shared/remediation.ts';

/** Classifies a failure by its evidence, records it, escalates where due, and tells operators: once each. */
export const recordFault = contract({
  name: 'record-fault',
  env: ['TABLE', 'SERVICES_PATH', 'WORK_BUCKET', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW', 'NOTICES_TOPIC'],
  /** `isFinal`: all evidence there will be is in, and the node is gone. */
  input: remediationStep.extend({ isFinal: z.boolean() }),
  /** wait: others that fail now may show whose fault it is. */
  output: z.discriminatedUnion('kind', [answer('recorded'), answer('over'), waitAnswer]),
});
