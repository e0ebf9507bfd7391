import * as z from 'zod';
import { answer, contract, serviceName, version } from '../shared/contract.ts';

/** abort also undoes a warm release · finish ends the warm time now · resume takes a pause back. */
export const orderKind = z.enum(['abort', 'pause', 'resume', 'promote', 'finish']);

export const order = contract({
  name: 'order',
  env: ['TABLE', 'SERVICES_PATH', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW', 'NOTICES_TOPIC'],
  input: z.strictObject({
    service: serviceName,
    version,
    intent: orderKind,
    by: z.string().min(1).max(128),
    why: z.string().min(1).max(500),
  }),
  output: answer('ordered'),
});
