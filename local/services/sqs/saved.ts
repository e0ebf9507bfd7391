/** The messages of queues, as a state file keeps them. */
import * as z from 'zod';
import type { Message, Queue } from './queue.ts';

const message = z.object({
  id: z.string(),
  body: z.string(),
  md5: z.string(),
  attributes: z.record(z.string(), z.string()),
  sentAt: z.number(),
  receivedFirstAt: z.number().exactOptional(),
  receiveCount: z.number(),
  visibleAt: z.number(),
  receipt: z.string().exactOptional(),
});
const savedQueues = z.record(z.string(), z.array(message));

export const saveQueues = (queues: ReadonlyMap<string, Queue>): Readonly<Record<string, readonly Message[]>> =>
  Object.fromEntries([...queues].map(([name, queue]) => [name, queue.messages]));

export function loadQueues(queues: ReadonlyMap<string, Queue>, saved: unknown): readonly string[] {
  for (const [name, messages] of Object.entries(savedQueues.parse(saved))) queues.get(name)?.restore(messages);
  return [];
}
