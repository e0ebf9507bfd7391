import * as z from 'zod';
import { answer, contract } from '../shared/contract.ts';

/** S3 "Object Created" as EventBridge delivers it (AWS: EventBridge event message structure of S3). */
export const admitImage = contract({
  name: 'admit-image',
  env: ['TABLE', 'SERVICES_PATH', 'IMAGES_BUCKET', 'RELEASE_WORKFLOW', 'ROLLBACK_WORKFLOW', 'NOTICES_TOPIC'],
  input: z.object({
    id: z.string(),
    time: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    detail: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({
        key: z.string().max(1024),
        size: z.number().min(0),
        etag: z.string(),
        'version-id': z.string(),
        sequencer: z.string().optional(),
      }),
    }),
  }),
  output: z.discriminatedUnion('kind', [
    answer('started'),
    answer('waiting'),
    answer('queued'),
    answer('refused'),
    answer('ignored'),
  ]),
});
