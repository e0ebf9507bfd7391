import type { EvidenceIndex, PieceName } from '../evidence/evidence.ts';
import { isCaptured, pieceKey } from '../evidence/evidence.ts';
import type { EvidenceStore } from '../evidence/ports.ts';
import type { CrashFacts, EndFacts } from '../faults/fault.ts';
import type { Condemned } from '../fleet/fleet.ts';

/** The console that shows most of the end: after the interrupt, at the end, live, posted. */
const CONSOLES: readonly PieceName[] = [
  'console-after-interrupt.txt',
  'console-end.txt',
  'console-latest.txt',
  'console-posted.txt',
];

/** What the classifier goes by, from what was captured. */
export async function crashFacts(
  evidence: EvidenceStore,
  service: string,
  condemned: Condemned,
): Promise<{ readonly facts: CrashFacts; readonly index: EvidenceIndex | undefined }> {
  const index = await evidence.findIndex(service, condemned.faultId);
  const read = (name: PieceName) =>
    index && isCaptured(index, name) ? evidence.find(pieceKey(service, condemned.faultId, name)) : undefined;
  let console: Uint8Array | undefined;
  for (const name of CONSOLES) if (console === undefined || console.length === 0) console = await read(name);
  const record = await read('disk-record.txt');
  const facts: CrashFacts = {
    console,
    end: toEnd(condemned, index),
    ...(record && { exitRecord: new TextDecoder().decode(record) }),
  };
  return { facts, index };
}

function toEnd(condemned: Condemned, index: EvidenceIndex | undefined): EndFacts {
  const seen = index?.seen;
  const uptime = seen && Math.round((condemned.at - seen.launchedAt) / 1000);
  return {
    // It may have been terminated since: what counts is how it was found.
    state: condemned.isHung ? 'running' : (seen?.state ?? 'terminated'),
    ...(seen?.stateReason !== undefined && { stateReason: seen.stateReason }),
    wasHealthy: condemned.wasHealthy,
    ...(uptime !== undefined && { uptimeSeconds: uptime }),
  };
}
