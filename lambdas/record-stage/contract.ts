import * as z from 'zod';
import { contract, stepInput } from '../shared/contract.ts';

export const recordedStage = z.enum(['baking', 'canary', 'debut', 'promoting', 'warm', 'stable', 'rolling-back', 'rolled-back']);

/**
 * Records the stage and sends its notification. `rolling-back` takes the service over: it raises the fence, and the
 * answer's `fence` is what the rollback's later steps hold. `stable` and `rolled-back` free the service and start
 * what waits in its queue. `baking` asks first whether the account has room for the release, and refuses it if not.
 */
export const recordStage = contract({
  name: 'record-stage',
  env: ['TABLE', 'SERVICES_PATH', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW', 'NOTICES_TOPIC', 'STACK_TAG'],
  input: stepInput.extend({ stage: recordedStage, why: z.string().max(2000) }),
  output: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('recorded'), fence: z.int(), why: z.string() }),
    /** Nothing to go on with: `baking` was refused, or a rollback finds the release over or another rollback's. */
    z.strictObject({ kind: z.literal('over'), fence: z.int(), why: z.string() }),
  ]),
});
