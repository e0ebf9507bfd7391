/** The snapshots, as a state file keeps them; their blocks lie in a directory of their own. */
import * as z from 'zod';
import type { BlockStore } from './blocks.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

const savedSnapshots = z.array(
  z.object({
    id: z.string(),
    token: z.string().optional(),
    request: z.string(),
    volumeGiB: z.number(),
    description: z.string(),
    tags: z.record(z.string(), z.string()),
    volumeId: z.string().exactOptional(),
    startedAt: z.number(),
    timeoutMs: z.number(),
    /** By index; base64. */
    digests: z.array(z.tuple([z.number(), z.string()])),
    state: z.enum(['pending', 'completed', 'error']),
    stateMessage: z.string().exactOptional(),
    isSealed: z.boolean(),
  }),
);

export const saveSnapshots = (snapshots: Snapshots) => snapshots.all.map(toSaved);

const toSaved = ({ digests, ...kept }: Snapshot) => ({
  ...kept,
  timeout: undefined,
  digests: [...digests].map(([index, digest]) => [index, digest.toString('base64')]),
});

export async function loadSnapshots(snapshots: Snapshots, blocks: BlockStore, saved: unknown): Promise<readonly string[]> {
  const all = savedSnapshots.parse(saved);
  const gone = await blocks.keepOnly(new Set(all.filter(({ digests }) => digests.length > 0).map(({ id }) => id)));
  for (const { token, digests, ...kept } of all.filter(({ id }) => !gone.has(id))) {
    const decoded = digests.map(([index, digest]) => [index, Buffer.from(digest, 'base64')] as const);
    snapshots.restore({ ...kept, token, digests: new Map(decoded) });
  }
  return [...gone].map((id) => `The snapshot ${id} is lost: its blocks are not in the folder.`);
}
