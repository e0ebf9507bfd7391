/** The evidence of one failed node of "web", on fakes. */
import { createHash } from 'node:crypto';
import type { CaptureInput, CapturePorts } from '../../core/evidence/capture.ts';
import { MINUTE, service, T0 } from './fixtures.ts';
import { MemoryAccessLog, MemoryDisks, MemoryEvidence, MemoryWitness } from './memory-evidence.ts';

export const earlyOrder = (given: Partial<CaptureInput> = {}): CaptureInput => ({
  service: 'web',
  node: { instanceId: 'i-1', slot: 'blue-1-1', group: 'blue', build: 'unikernel', version: '1.0.0' },
  faultId: 'i-1-1',
  until: 'early',
  since: T0,
  deadline: T0 + MINUTE,
  isHung: false,
  isSampled: true,
  ...given,
});
export const lateOrder = (given: Partial<CaptureInput> = {}) =>
  earlyOrder({ until: 'late', deadline: T0 + 30 * MINUTE, ...given });

export function captureFakes(time: { readonly now: () => number; readonly pause: CapturePorts['pause'] }) {
  const fakes = {
    witness: new MemoryWitness(),
    disks: new MemoryDisks(),
    evidence: new MemoryEvidence(),
    accessLog: new MemoryAccessLog(),
  };
  const { file, resources } = service();
  const web = { file, resources: { ...resources, nodeRole: 'AROA1' } };
  const ports: CapturePorts = {
    ...fakes,
    catalog: { find: async (name) => (name === 'web' ? web : undefined) },
    metrics: { read: async (_service, groups) => groups.map(({ group }) => ({ group, minutes: [] })) },
    hashing: { sha256: (bytes) => createHash('sha256').update(bytes).digest() },
    clock: { now: time.now },
    pause: time.pause,
  };
  return { ...fakes, ports };
}
