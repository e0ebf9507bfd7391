import * as z from 'zod';
import { answer, build, contract, stepInput, waitAnswer } from '../shared/contract.ts';

/** A range of blocks [from, to) one function copies; `digest` pieces hash the whole image instead. */
export const piece = z.strictObject({
  work: z.enum(['copy', 'digest', 'copy-and-digest']),
  from: z.int().min(0),
  to: z.int().min(0),
});

/**
 * `--max-semi-space-size` of the function's V8. What was read and written lies in V8's young generation until that is
 * cleared, which is not due before it is full: by V8's own measure the function grows by 100 MiB, by this one by 40.
 */
export const BAKE_SEMI_SPACE_MIB = 4;

const common = stepInput.extend({ build });

export const bakeImage = contract({
  name: 'bake-image',
  env: ['TABLE', 'SERVICES_PATH', 'IMAGES_BUCKET', 'WORK_BUCKET', 'STACK_TAG'],
  input: z.discriminatedUnion('op', [
    common.extend({ op: z.literal('start') }),
    common.extend({ op: z.literal('copy'), snapshotId: z.string(), piece }),
    common.extend({ op: z.literal('seal'), snapshotId: z.string(), pieces: z.array(piece) }),
    common.extend({ op: z.literal('register'), snapshotId: z.string() }),
    stepInput.extend({ op: z.literal('discard') }),
  ]),
  output: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('copying'), snapshotId: z.string(), pieces: z.array(piece), why: z.string() }),
    answer('copied'),
    answer('sealed'),
    waitAnswer,
    z.strictObject({ kind: z.literal('ready'), imageId: z.string(), why: z.string() }),
    answer('discarded'),
  ]),
});
