/** Log groups, as a state file keeps them. */
import * as z from 'zod';
import { LogGroup } from './log-group.ts';

/** Of each group: the file is written often. */
export const SAVED_EVENTS = 1000;

const savedGroups = z.array(
  z.object({
    name: z.string(),
    createdAt: z.number(),
    streams: z.array(z.object({ name: z.string(), createdAt: z.number(), firstAt: z.number(), lastAt: z.number() })),
    events: z.array(z.object({ id: z.string(), stream: z.string(), at: z.number(), message: z.string() })),
    written: z.number(),
    bytes: z.number(),
  }),
);

export const saveGroups = (groups: ReadonlyMap<string, LogGroup>) =>
  [...groups.values()].map((group) => ({ name: group.name, createdAt: group.createdAt, ...group.content(SAVED_EVENTS) }));

/** A declared group keeps its declared retention; others are made again, as functions made them. */
export function loadGroups(groups: Map<string, LogGroup>, saved: unknown): readonly string[] {
  for (const { name, createdAt, ...content } of savedGroups.parse(saved)) {
    const group = new LogGroup(name, createdAt, groups.get(name)?.retentionDays);
    group.restore(content);
    groups.set(name, group);
  }
  return [];
}
