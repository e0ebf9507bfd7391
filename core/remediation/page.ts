/** Pages are recorded first and sent second: what was not sent is sent by the sweep. */
import { changeKills, withPage } from './kill-budget.ts';
import type { FaultNotices, KillRecord, Kills } from './ports.ts';

export interface PagePorts {
  readonly kills: Kills;
  readonly faultNotices: FaultNotices;
}

export interface Call {
  readonly service: string;
  /** What it is about: one page an hour for each, or one in `everyHours`. */
  readonly about: string;
  readonly why: string;
  readonly now: number;
  readonly everyHours?: number;
}

export async function page(ports: PagePorts, call: Call): Promise<void> {
  const record = await changeKills(ports.kills, call.service, (found) => withPage(found, call));
  await sendPages(ports, record);
}

/** A crash between sending and marking sends again: receivers drop repeats by id. */
export async function sendPages(ports: PagePorts, record: KillRecord): Promise<number> {
  const due = record.pages.filter(({ notified }) => !notified);
  if (due.length === 0) return 0;
  for (const one of due) await ports.faultNotices.publishPage(record.service, one);
  const sent = new Set(due.map(({ id }) => id));
  await changeKills(ports.kills, record.service, (found) =>
    found.pages.some(({ id, notified }) => sent.has(id) && !notified)
      ? { ...found, pages: found.pages.map((one) => (sent.has(one.id) ? { ...one, notified: true } : one)) }
      : found,
  );
  return due.length;
}
