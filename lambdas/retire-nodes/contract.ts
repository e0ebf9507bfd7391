import * as z from 'zod';
import { answer, contract, stepInput, waitAnswer } from '../shared/contract.ts';

/**
 * refresh: Linux nodes of the stable release that the fresh baseline replaced · comparison: canary, control and the old
 * release's baseline after promotion · old-fleet: the replaced fleet after its warm time · rollback: all the release made.
 */
export const retirePhase = z.enum(['refresh', 'comparison', 'old-fleet', 'rollback']);

/** Takes nodes out of their group, lets them drain, terminates them. Asked until it is done. */
export const retireNodes = contract({
  name: 'retire-nodes',
  env: ['TABLE', 'SERVICES_PATH', 'STACK_TAG', 'REMEDIATE_WORKFLOW'],
  input: stepInput.extend({ phase: retirePhase }),
  output: z.discriminatedUnion('kind', [answer('done'), waitAnswer]),
});
