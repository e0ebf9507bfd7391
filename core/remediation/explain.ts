import type { EvidenceIndex, PieceName } from '../evidence/evidence.ts';
import { isCaptured, pieceKey } from '../evidence/evidence.ts';
import type { EvidenceStore } from '../evidence/ports.ts';
import { classify } from '../faults/classify.ts';
import type { Crash, CrashClass, EndFacts } from '../faults/fault.ts';
import type { Condemned } from '../fleet/fleet.ts';

/** Those that show most of the end come first: after the interrupt, at the end, live, posted. */
const CONSOLES: readonly PieceName[] = [
  'console-after-interrupt.txt',
  'console-end.txt',
  'console-latest.txt',
  'console-posted.txt',
];

/**
 * What a failed node died of, from what was captured. Each console is asked until one says it: what EC2 posts after the
 * end may be only its beginning.
 */
export async function explain(
  evidence: Pick<EvidenceStore, 'find' | 'findIndex'>,
  service: string,
  condemned: Condemned,
): Promise<{ readonly crash: Crash; readonly index: EvidenceIndex | undefined }> {
  const index = await evidence.findIndex(service, condemned.faultId);
  const read = (name: PieceName) =>
    index && isCaptured(index, name) ? evidence.find(pieceKey(service, condemned.faultId, name)) : undefined;
  const record = await read('disk-record.txt');
  const facts = {
    end: toEnd(condemned, index),
    ...(record && { exitRecord: new TextDecoder().decode(record) }),
  };
  const crashes: Crash[] = [];
  for (const name of CONSOLES) {
    const console = await read(name);
    if (console === undefined || console.length === 0) continue;
    const crash = classify({ ...facts, console });
    if (isOurDoing(crash, name, condemned, index)) continue;
    if (crash.evidence !== '') return { crash, index };
    crashes.push(crash);
  }
  return { crash: crashes[0] ?? classify({ ...facts, console: undefined }), index };
}

const ORDERLY: readonly CrashClass[] = ['sigterm', 'clean-exit', 'nonzero-exit'];

/** A node that hung was ended by us: that it says so afterwards is not what was wrong with it. */
function isOurDoing({ crashClass }: Crash, name: PieceName, { isHung, terminatedAt }: Condemned, index?: EvidenceIndex): boolean {
  if (!isHung || terminatedAt === undefined || !ORDERLY.includes(crashClass)) return false;
  return (index?.pieces.find((piece) => piece.name === name)?.capturedAt ?? 0) > terminatedAt;
}

function toEnd(condemned: Condemned, index: EvidenceIndex | undefined): EndFacts {
  const seen = index?.seen;
  const uptime = seen && Math.round((condemned.at - seen.launchedAt) / 1000);
  return {
    // It may have been terminated since, by us: what counts is how it was found.
    ...(condemned.isHung ? { state: 'running' } : { state: seen?.state ?? 'terminated', stateReason: seen?.stateReason }),
    wasHealthy: condemned.wasHealthy,
    ...(uptime !== undefined && { uptimeSeconds: uptime }),
  };
}
