/** What failed lately, and what it leads to: as the functions have recorded it. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { Io } from '../command.ts';
import { readItems, sayTime, type Table } from '../table.ts';

const HOUR_MS = 3_600_000;
const LATELY_MS = 24 * HOUR_MS;

const decision = z.object({ kind: z.string(), why: z.string() });
const fault = z.object({
  at: z.number(),
  version: z.string(),
  slot: z.string(),
  crash: z.object({ crashClass: z.string(), fingerprint: z.string(), summary: z.string() }),
  escalation: decision,
  next: decision.optional(),
  outlook: z.string().optional(),
});
const kills = z.object({ kills: z.array(z.object({ at: z.number() })), budget: z.number().optional() });

type Fault = z.infer<typeof fault>;

/** Faults of one release that are alike. */
export interface Alike extends Pick<Fault, 'version' | 'crash' | 'escalation' | 'next' | 'outlook'> {
  readonly count: number;
  readonly places: number;
  readonly lastAt: number;
}

export interface FaultsOf {
  readonly faults: readonly Alike[];
  /** Of this hour. Without a budget nothing was ever killed. */
  readonly kills: { readonly spent: number; readonly budget?: number };
}

export interface Asked {
  readonly service: string;
  readonly version?: string | undefined;
  readonly now: number;
}

export async function readFaults(account: Table, { service, version, now }: Asked): Promise<FaultsOf> {
  const lately = { service, kind: 'FAULT', from: new Date(now - LATELY_MS).toISOString(), item: fault };
  const recent = (await readItems(account, lately)).filter((one) => version === undefined || one.version === version);
  const { table, controlPlane } = account;
  const key = { pk: `SERVICE#${service}`, sk: 'KILLS' };
  const { Item } = await table.send(new GetCommand({ TableName: controlPlane.table, Key: key, ConsistentRead: true }));
  const spending = kills.parse(Item ?? { kills: [] });
  const spent = spending.kills.filter(({ at }) => now - at < HOUR_MS).length;
  return { faults: group(recent), kills: { spent, ...(spending.budget !== undefined && { budget: spending.budget }) } };
}

/** The newest of each says what is done about them. */
function group(faults: readonly Fault[]): readonly Alike[] {
  const found = new Map<string, Fault[]>();
  for (const one of faults) {
    const key = `${one.version} ${one.crash.fingerprint}`;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.values()]
    .flatMap((alike) => {
      const last = alike.at(-1);
      if (last === undefined) return [];
      const { version, crash, escalation, next, outlook, at } = last;
      const told = { ...(next && { next }), ...(outlook !== undefined && { outlook }) };
      const places = new Set(alike.map(({ slot }) => slot)).size;
      return [{ version, crash, escalation, ...told, count: alike.length, places, lastAt: at }];
    })
    .toSorted((one, other) => other.lastAt - one.lastAt);
}

export function tellFaults({ faults, kills: { spent, budget } }: FaultsOf, io: Io): void {
  if (faults.length === 0) return;
  const left = budget === undefined ? '' : `; kill budget: ${Math.max(0, budget - spent)} of ${budget} left in this hour`;
  io.tell(`faults of the last 24 h, the newest first${left}`);
  for (const { version, crash, escalation, next, outlook, count, places, lastAt } of faults) {
    io.tell(
      `  ${sayTime(lastAt)}  ${count}x in ${places} place(s)  ${version}  ${crash.crashClass} (${crash.fingerprint}): ${crash.summary}`,
    );
    io.tell(`    led to    ${escalation.kind}: ${escalation.why}`);
    if (next) io.tell(`    the next  ${next.kind}: ${next.why}`);
    if (outlook !== undefined) io.tell(`    outlook   ${outlook}`);
  }
}
