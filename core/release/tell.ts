import { changeRelease } from './change-record.ts';
import type { Notices, Records } from './ports.ts';
import type { ReleaseRecord, Transition } from './release.ts';

interface TellPorts {
  readonly records: Records;
  readonly notices: Notices;
}

/**
 * Sends the notifications that are due, oldest first, and marks them. A crash between sending and marking sends again:
 * receivers drop repeats by the transition's id. What cannot be sent now stays due, and the sweep sends it: no release,
 * and above all no rollback, waits for its notifications.
 */
export async function tell(ports: TellPorts, release: ReleaseRecord): Promise<ReleaseRecord> {
  const { sent } = await publishDue(ports.notices, release);
  return markSent(ports.records, release, sent);
}

/** For whoever is the last to try: marks what was sent, and fails by the first that was not. */
export async function tellOrFail(ports: TellPorts, release: ReleaseRecord): Promise<void> {
  const { sent, failure } = await publishDue(ports.notices, release);
  await markSent(ports.records, release, sent);
  if (failure) throw failure.cause;
}

interface Published {
  readonly sent: ReadonlySet<string>;
  readonly failure?: { readonly cause: unknown };
}

const isDue = ({ notified }: Transition) => !notified;

async function publishDue(notices: Notices, release: ReleaseRecord): Promise<Published> {
  const sent = new Set<string>();
  for (const transition of release.transitions.filter(isDue)) {
    try {
      await notices.publish(release, transition);
    } catch (cause) {
      return { sent, failure: { cause } };
    }
    sent.add(transition.id);
  }
  return { sent };
}

async function markSent(records: Records, release: ReleaseRecord, sent: ReadonlySet<string>): Promise<ReleaseRecord> {
  if (sent.size === 0) return release;
  return changeRelease(records, release, (now) => {
    // Several may tell at once; the first to mark spares the others the write.
    if (!now.transitions.some((one) => sent.has(one.id) && isDue(one))) return undefined;
    return { ...now, transitions: now.transitions.map((one) => (sent.has(one.id) ? { ...one, notified: true } : one)) };
  });
}
