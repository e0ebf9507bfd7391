import * as z from 'zod';
import { answer, contract } from '../shared/contract.ts';

/** Step Functions "Execution Status Change" of the release workflow: FAILED, TIMED_OUT or ABORTED. Best effort. */
export const beginRollback = contract({
  name: 'begin-rollback',
  env: ['TABLE', 'SERVICES_PATH', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW'],
  input: z.object({
    detail: z.object({
      executionArn: z.string(),
      status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
      input: z.string().nullish(),
      error: z.string().nullish(),
      cause: z.string().nullish(),
    }),
  }),
  output: z.discriminatedUnion('kind', [answer('started'), answer('ignored')]),
});
