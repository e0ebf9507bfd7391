import * as z from 'zod';
import { contract } from '../shared/contract.ts';

/** EventBridge schedule, every minute. */
export const sweep = contract({
  name: 'sweep',
  env: ['TABLE', 'SERVICES_PATH', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW', 'REMEDIATE_WORKFLOW', 'NOTICES_TOPIC', 'STACK_TAG'],
  input: z.object({ time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)) }),
  output: z.strictObject({
    why: z.string(),
    actions: z.array(z.strictObject({ kind: z.string(), service: z.string(), why: z.string() })),
  }),
});
