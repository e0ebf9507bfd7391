import { changeRelease } from './change-record.ts';
import type { Notices, Records } from './ports.ts';
import type { ReleaseRecord } from './release.ts';

/**
 * Sends the notifications that are due, oldest first, and marks them. A crash between sending and marking sends again:
 * receivers drop repeats by the transition's id.
 */
export async function tell(ports: { records: Records; notices: Notices }, release: ReleaseRecord): Promise<ReleaseRecord> {
  const due = release.transitions.filter((transition) => !transition.notified);
  if (due.length === 0) return release;
  for (const transition of due) await ports.notices.publish(release, transition);

  const sent = new Set(due.map((transition) => transition.id));
  return changeRelease(ports.records, release, (now) => ({
    ...now,
    transitions: now.transitions.map((transition) => (sent.has(transition.id) ? { ...transition, notified: true } : transition)),
  }));
}
