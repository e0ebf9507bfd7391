import * as z from 'zod';
import { contract, stepInput } from '../shared/contract.ts';

export const shiftPhase = z.enum(['canary', 'debut', 'promote', 'finish', 'rollback', 'restore']);

/** Sets the weights of this phase, reads them back, and says how long they need to settle. */
export const shiftTraffic = contract({
  name: 'shift-traffic',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG'],
  input: stepInput.extend({ phase: shiftPhase }),
  output: z.strictObject({ kind: z.literal('settling'), seconds: z.int().min(0), why: z.string() }),
});
