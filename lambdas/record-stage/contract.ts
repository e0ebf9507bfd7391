import * as z from 'zod';
import { contract, stepInput } from '../shared/contract.ts';

export const recordedStage = z.enum(['baking', 'canary', 'debut', 'promoting', 'warm', 'stable', 'rolling-back', 'rolled-back']);

/**
 * Records the stage and sends its notification. `rolling-back` takes the service over: it raises the fence, and the
 * answer's `fence` is what the rollback's later steps hold. `stable` and `rolled-back` free the service and start
 * what waits in its queue.
 */
export const recordStage = contract({
  name: 'record-stage',
  env: ['TABLE', 'SERVICES_PATH', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW', 'NOTICES_TOPIC'],
  input: stepInput.extend({ stage: recordedStage, why: z.string().max(2000) }),
  output: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('recorded'), fence: z.int(), why: z.string() }),
    /** A rollback that has nothing to do: the release is over, or another rollback has it. */
    z.strictObject({ kind: z.literal('over'), fence: z.int(), why: z.string() }),
  ]),
});
