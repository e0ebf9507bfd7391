import * as z from 'zod';
import { build, contract, instant, serviceName, version, waitAnswer } from '../shared/contract.ts';

/** Takes what is to be kept of a node that failed, and says how long to wait for the rest; asked again until all is settled. */
export const captureEvidence = contract({
  name: 'capture-evidence',
  env: ['SERVICES_PATH', 'STACK_TAG', 'WORK_BUCKET'],
  input: z.strictObject({
    service: serviceName,
    faultId: z.string().min(1).max(80),
    node: z.strictObject({
      instanceId: z.string().min(1),
      slot: z.string().min(1),
      group: z.enum(['blue', 'green', 'canary', 'baseline', 'control']),
      build,
      version,
    }),
    /** `early`: what can be had while the node is there; `late`: what AWS has only after its end. */
    until: z.enum(['early', 'late']),
    since: instant,
    deadline: instant,
    isHung: z.boolean(),
    isSampled: z.boolean(),
  }),
  output: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('captured'), captured: z.int(), missed: z.int(), why: z.string() }),
    waitAnswer,
  ]),
});
