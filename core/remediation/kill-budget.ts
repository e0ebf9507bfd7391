/** How many nodes of a service may be killed within an hour: beyond it nothing is killed, and a person is called. */
import { isNamed, recordConflict } from '../errors.ts';
import type { ServiceFile } from '../service/service-file.ts';
import type { Call } from './page.ts';
import type { KillRecord, Kills, Page } from './ports.ts';

const HOUR_MS = 3_600_000;
const LEAST = 10;
const MOST_PAGES = 20;
/** Everything that dies at once writes this one record. */
const ATTEMPTS = 25;

export const killBudget = ({ nodes, linuxNodes, remediation }: ServiceFile): number =>
  remediation.killsPerHour ?? Math.max(LEAST, Math.ceil((nodes + linuxNodes) / 2));

export interface Spending {
  readonly record: KillRecord;
  readonly isAllowed: boolean;
}

/** Once for each fault, however often it is asked. */
export function spend(record: KillRecord, faultId: string, budget: number, now: number): Spending {
  const kills = record.kills.filter(({ at }) => now - at < HOUR_MS);
  if (kills.some((kill) => kill.faultId === faultId)) return { record, isAllowed: true };
  if (kills.length >= budget) return { record, isAllowed: false };
  return { record: { ...record, budget, kills: [...kills, { faultId, at: now }] }, isAllowed: true };
}

/** One page for each reason and hour of the clock, or in so many hours. */
export function withPage(record: KillRecord, { about, why, now, everyHours = 0 }: Omit<Call, 'service'>): KillRecord {
  const prefix = `${record.service}#${about}-`;
  const id = `${prefix}${Math.floor(now / HOUR_MS)}`;
  const isAbout = (told: string) => told.startsWith(prefix) && /^\d+$/.test(told.slice(prefix.length));
  const isTold = ({ id: told, at }: Page) => told === id || (isAbout(told) && now - at < everyHours * HOUR_MS);
  if (record.pages.some(isTold)) return record;
  const page: Page = { id, at: now, why, notified: false };
  return { ...record, pages: [...record.pages, page].slice(-MOST_PAGES) };
}

const noKills = (service: string): KillRecord => ({ service, kills: [], pages: [], revision: 0 });

/** `change` answers the same record where there is nothing to change. It may run more than once. */
export async function changeKills(
  kills: Kills,
  service: string,
  change: (record: KillRecord) => KillRecord,
): Promise<KillRecord> {
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    const found = (await kills.find(service)) ?? noKills(service);
    const changed = change(found);
    if (changed === found) return found;
    try {
      return await kills.put(changed);
    } catch (error) {
      if (!isNamed(error, 'RecordConflict')) throw error;
    }
  }
  throw recordConflict(`the kill budget of "${service}"`);
}

/** Whether this fault's node may be killed; if so, that is spent. */
export async function mayKill(kills: Kills, file: ServiceFile, faultId: string, now: number): Promise<boolean> {
  let isAllowed = false;
  await changeKills(kills, file.name, (record) => {
    const spending = spend(record, faultId, killBudget(file), now);
    ({ isAllowed } = spending);
    return spending.record;
  });
  return isAllowed;
}
