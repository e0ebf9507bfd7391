import * as z from 'zod';
import { answer, contract, instant, stepInput, waitAnswer } from '../shared/contract.ts';

/** gate: waits for the order `promote` (passes at once without a gate) · warm: passes when the warm time is over. */
export const watchName = z.enum(['canary', 'debut', 'promotion', 'gate', 'warm']);

/** A wait, before which a node that alone is bad is to be replaced. */
const replaceAnswer = waitAnswer.extend({ kind: z.literal('replace'), instanceId: z.string().min(1) });

export const judgeRelease = contract({
  name: 'judge-release',
  env: ['TABLE', 'SERVICES_PATH', 'NOTICES_TOPIC'],
  /** `since`: when the watched traffic (or the gate, or the warm time) began. */
  input: stepInput.extend({ watch: watchName, since: instant }),
  output: z.discriminatedUnion('kind', [answer('pass'), answer('fail'), answer('inconclusive'), waitAnswer, replaceAnswer]),
});
