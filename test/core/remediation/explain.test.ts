/** What a failed node died of, from whatever was captured of it. */
import { beforeEach, expect, it } from 'vitest';
import type { PieceName, Seen } from '../../../core/evidence/evidence.ts';
import { emptyIndex, pieceKey } from '../../../core/evidence/evidence.ts';
import type { Condemned } from '../../../core/fleet/fleet.ts';
import { explain } from '../../../core/remediation/explain.ts';
import { T0 } from '../../fakes/fixtures.ts';
import { MemoryEvidence } from '../../fakes/memory-evidence.ts';

const condemned: Condemned = {
  ...{ faultId: 'i-1-1', instanceId: 'i-1', attempt: 1, build: 'unikernel', zone: 'zone-0', at: T0, detectedAt: T0 },
  ...{ way: 'state-change', why: 'stopped', isHung: false, wasHealthy: true, wasInFlight: false, isSampled: true, run: 1 },
};
let evidence: MemoryEvidence;
beforeEach(() => {
  evidence = new MemoryEvidence();
});

async function captured(pieces: Partial<Record<PieceName, string>>, seen: Partial<Seen> = {}) {
  const kept = Object.entries(pieces).map(([name, text]) => ({ name: name as PieceName, text }));
  for (const { name, text } of kept) await evidence.put(pieceKey('web', 'i-1-1', name), new TextEncoder().encode(text));
  await evidence.putIndex({
    ...emptyIndex('web', 'i-1-1', 'i-1'),
    seen: { state: 'stopped', launchedAt: T0 - 60_000, ...seen },
    pieces: kept.map(({ name, text }) => ({ name, key: '', bytes: text.length, sha256: '', capturedAt: T0 })),
  });
  return (await explain(evidence, 'web', condemned)).crash;
}
const CRASH = '*** signal 11 received by tid 2, errno 0, code 1\n    fault address 0x0\n';

it('is told by the live console where what EC2 posted after the end is only its beginning', async () => {
  expect(await captured({ 'console-end.txt': 'booting\n', 'console-latest.txt': `booting\n${CRASH}` })).toMatchObject({
    crashClass: 'null-deref',
  });
});

it('is told by the posted console where the live one was empty', async () => {
  expect((await captured({ 'console-latest.txt': '', 'console-posted.txt': CRASH })).crashClass).toBe('null-deref');
});

it('is told by the disk where no console says it', async () => {
  const pieces = { 'console-latest.txt': '[0.1] en1: assigned 10.0.0.4\n', 'disk-record.txt': 'exit code 3\nserving\n' } as const;
  expect(await captured(pieces)).toMatchObject({ crashClass: 'nonzero-exit', platform: 'nanos' });
});

it('is told by how it was found where nothing was captured at all', async () => {
  expect((await explain(evidence, 'web', condemned)).crash.crashClass).toBe('unknown');
  expect((await explain(evidence, 'web', { ...condemned, isHung: true })).crash.crashClass).toBe('hang');
  expect((await captured({}, { state: 'terminated', stateReason: 'Client.UserInitiatedShutdown' })).crashClass).toBe('sigterm');
});

it('of a node that hung is not that we ended it, whatever it and EC2 say of that', async () => {
  const pieces = { 'console-end.txt': 'tandem: hello: exit status 143 (SIGTERM)\n' } as const;
  await captured(pieces, { state: 'terminated', stateReason: 'Client.UserInitiatedShutdown' });
  const hung = { ...condemned, isHung: true };
  const of = async (one: Condemned) => (await explain(evidence, 'web', one)).crash.crashClass;
  expect(await of({ ...hung, terminatedAt: T0 - 1 })).toBe('hang');
  expect(await of({ ...hung, terminatedAt: T0 + 1 })).toBe('sigterm');
});
