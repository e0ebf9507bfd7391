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
  return changeRelease(ports.records, release, (now) => {
    // Several may tell at once; the first to mark spares the others the write.
    if (!now.transitions.some(({ id, notified }) => sent.has(id) && !notified)) return undefined;
    return { ...now, transitions: now.transitions.map((one) => (sent.has(one.id) ? { ...one, notified: true } : one)) };
  });
}
