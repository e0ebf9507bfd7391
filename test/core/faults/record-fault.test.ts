/** A fault is noted in the ledger once, whoever is interrupted and whoever else writes at the same time. */
import { describe, expect, it } from 'vitest';
import { recordConflict } from '../../../core/errors.ts';
import { emptyIndex, pieceKey } from '../../../core/evidence/evidence.ts';
import type { Condemned, Slot } from '../../../core/fleet/fleet.ts';
import { noteFault } from '../../../core/remediation/note-fault.ts';
import { withCondemned } from '../../../core/remediation/plan-door.ts';
import { recordFault } from '../../../core/remediation/record-fault.ts';
import { aSlot } from '../../contracts/slots.contract.ts';
import { Saboteur } from '../../fakes/crash.ts';
import { HOUR, MINUTE, release, service, T0 } from '../../fakes/fixtures.ts';
import { aFault } from '../../fakes/ledger.ts';
import { MemoryEvidence } from '../../fakes/memory-evidence.ts';
import { Driver, openWorld } from '../../fakes/memory-world.ts';

const condemned = (n: number, at: number): Condemned => ({
  ...{ faultId: `i-${n}-1`, instanceId: `i-${n}`, attempt: 1, build: 'unikernel', zone: `zone-${n % 3}`, at, detectedAt: at },
  ...{ way: 'state-change', why: 'it is off', isHung: false, wasHealthy: true, wasInFlight: false, isSampled: true, run: 1 },
});

const slotOf = (n: number, everyMs: number): Slot =>
  aSlot({
    ...{ id: `blue-1-${n}`, service: 'web', group: 'blue', build: 'unikernel', version: '1.0.0', zone: `zone-${n % 3}` },
    ...{ state: 'launched', attempt: 2, instanceId: `i-new-${n}`, recordedAt: T0 - 10 * HOUR, launchedAt: T0 },
    condemned: [condemned(n, T0 + n * everyMs)],
  });

async function openFleet(nodes: number, everyMs = 0) {
  const world = { ...openWorld(service()), evidence: new MemoryEvidence() };
  for (let n = 0; n < nodes; n++) await world.slots.put(slotOf(n, everyMs));
  world.time.now = T0 + 6 * MINUTE;
  return world;
}

const input = (n: number) => ({ service: 'web', slot: `blue-1-${n}`, faultId: `i-${n}-1`, at: T0, isFinal: false });

describe('a recorded fault', () => {
  it('has what the ledger says of it, and the ledger has the node-hours of the fleet', async () => {
    const world = await openFleet(3);
    expect(await recordFault(world, input(0))).toMatchObject({ kind: 'recorded' });
    const [fault] = await world.faults.list('web', 0);
    expect(fault?.escalation).toEqual({
      kind: 'replace',
      why: 'nothing like it has come lately; 1.0.0 has had 1 fault(s) in 30 node-hours',
    });
    expect((await world.ledgers.find('web'))?.releases).toMatchObject([{ version: '1.0.0', hours: { linux: 0 } }]);
  });

  it('is noted once, killed after whichever call', async () => {
    const story = async (saboteur: Saboteur) => {
      const world = await openFleet(3);
      const driver = new Driver(world, saboteur);
      const ports = () => ({ ...driver.ports, evidence: world.evidence });
      for (const n of [0, 1, 2]) await driver.step(() => recordFault(ports(), input(n)));
      const { marks, releases, fleet } = (await world.ledgers.find('web'))!;
      const faults = (await world.faults.list('web', 0)).map(({ id, escalation, notified }) => ({ id, escalation, notified }));
      return { marks, releases, fleet, faults, pages: world.faultNotices.pages.length > 0 };
    };
    const counter = new Saboteur();
    const wanted = await story(counter);
    expect(wanted.marks).toHaveLength(3);
    expect(wanted.faults.map(({ escalation }) => escalation.kind)).toContain('page');
    for (let at = 1; at <= counter.calls; at++) expect(await story(new Saboteur({ at })), `killed after ${at}`).toEqual(wanted);
  });

  it('is noted beside a hundred others that are noted at the same time', async () => {
    const world = await openFleet(20);
    const faults = Array.from({ length: 20 }, (_, n) => aFault({ slot: `blue-1-${n}`, at: T0 }));
    await Promise.all(faults.map((fault) => noteFault(world, fault)));
    expect((await world.ledgers.find('web'))?.marks).toHaveLength(20);
  });

  it('is tried again later where others never let it write', async () => {
    const world = await openFleet(1);
    const ledgers = { find: async () => undefined, put: () => Promise.reject(recordConflict('it')) };
    await expect(noteFault({ ...world, ledgers }, aFault())).rejects.toMatchObject({ name: 'RecordConflict' });
  });

  it('of a stable release that cannot go back calls a person once a day, not with every fault', async () => {
    const world = await openFleet(12, 9 * MINUTE);
    for (let n = 0; n < 12; n++) {
      await recordFault(world, input(n));
      world.time.now += 9 * MINUTE;
    }
    const kinds = (await world.faults.list('web', 0)).map(({ escalation }) => escalation.kind);
    expect(kinds).toEqual(['replace', 'replace-with-twin', ...Array.from({ length: 10 }, () => 'roll-back')]);
    const about = world.faultNotices.pages.filter(({ id }) => id.includes('release 1.0.0'));
    expect(about).toHaveLength(1);
    expect(about[0]!.why).toContain('3 nodes of 1.0.0 failed alike');
  });

  it('of several that fail at once is told and acted on when it has been seen what it comes of, and then once', async () => {
    const world = await openFleet(9);
    world.time.now = T0 + MINUTE;
    const answers = [];
    for (const n of [0, 1, 2, 3]) answers.push(await recordFault(world, input(n)));
    expect(answers.at(-1)).toMatchObject({ kind: 'wait', seconds: 120 });
    expect(world.faultNotices.faults.map(({ id }) => id)).toEqual(['i-0-1', 'i-1-1']);
    expect(world.faultNotices.pages).toEqual([]);

    world.time.now = T0 + 3 * MINUTE;
    for (const n of [2, 3, 3]) expect(await recordFault(world, input(n))).toMatchObject({ kind: 'recorded' });
    expect(world.faultNotices.faults.map(({ id }) => id)).toEqual(['i-0-1', 'i-1-1', 'i-2-1', 'i-3-1']);
    expect((await world.faults.list('web', 0)).at(-1)?.escalation.kind).toBe('page');
    expect(world.faultNotices.pages).toHaveLength(1);
  });

  it('is not held beyond its evidence: who looks last decides', async () => {
    const world = await openFleet(9);
    world.time.now = T0 + MINUTE;
    for (const n of [0, 1]) await recordFault(world, input(n));
    expect(await recordFault(world, { ...input(2), isFinal: true })).toMatchObject({ kind: 'recorded' });
  });

  it('says why no replacement was launched, and only when none ever will be', async () => {
    const world = await openFleet(2);
    const whyNone = async (n: number) => {
      await recordFault(world, { ...input(n), isFinal: true });
      return (await world.faults.list('web', 0)).find(({ id }) => id === `i-${n}-1`)!.replacement;
    };
    const slot = (await world.slots.find('web', 'blue-1-0'))!;
    await recordFault(world, input(0));
    expect((await world.faults.list('web', 0))[0]!.replacement).toEqual({ build: 'unikernel' });
    await world.slots.put({ ...slot, revision: slot.revision + 1, state: 'retiring', retiringSince: world.time.now });
    expect(await whyNone(0)).toEqual({ build: 'unikernel', none: 'slot blue-1-0 was retired: 1.0.0 had no more use for it' });

    const other = (await world.slots.find('web', 'blue-1-1'))!;
    const launched = { ...other.condemned![0]!, launchedAt: T0 + MINUTE };
    await world.slots.put({ ...other, state: 'gone', condemned: [launched] });
    expect(await whyNone(1)).toEqual({ build: 'unikernel', launchedAt: T0 + MINUTE });
  });

  it('that turns out to have come before, when its successor is there already, gets the twin when that fails too', async () => {
    const world = await openFleet(2);
    await world.records.putRelease(release({ version: '1.0.0' }));
    for (const n of [0, 1]) await recordFault(world, input(n));
    expect((await world.faults.list('web', 0))[1]!.escalation.kind).toBe('replace-with-twin');
    const [first, second] = await world.slots.list('web');
    expect(first).not.toHaveProperty('twinNext');
    expect(second).not.toHaveProperty('twin');
    expect(second!.twinNext).toMatchObject({ imageId: 'ami-linux-1.0.0', why: expect.stringContaining('come again') as string });

    const failed = condemned(7, T0);
    expect(withCondemned(second!, failed, undefined).twin).toEqual({ ...second!.twinNext, at: failed.detectedAt });
    expect(withCondemned(second!, failed, undefined)).not.toHaveProperty('twinNext');
    for (const way of ['operator', 'status'] as const)
      expect(withCondemned(second!, { ...failed, way }, undefined)).not.toHaveProperty('twin');
  });

  it('is acted on and told once, and what is final is not written again', async () => {
    const world = await openFleet(3);
    for (const n of [0, 1, 2]) await recordFault(world, { ...input(n), isFinal: n === 2 });
    const pages = world.faultNotices.pages.length;
    expect(pages).toBeGreaterThan(0);
    const [last] = (await world.faults.list('web', 0)).slice(-1);
    expect(last).toMatchObject({ isFinal: true, notified: true });
    // Its slot was read before it was marked, as by a step that was called twice.
    await world.slots.put({ ...(await world.slots.find('web', 'blue-1-2'))!, condemned: [condemned(2, T0)] });
    world.time.now += 2 * HOUR;
    await recordFault(world, { ...input(2), isFinal: true });
    expect((await world.faults.list('web', 0)).slice(-1)).toEqual([last]);
    expect(world.faultNotices.pages).toHaveLength(pages);
    expect(world.faultNotices.faults.filter(({ id }) => id === 'i-2-1')).toHaveLength(1);
  });

  it('is named by later evidence where nothing was known, and keeps the name it was told by', async () => {
    const world = await openFleet(1);
    const say = async (text: string) => {
      const key = pieceKey('web', 'i-0-1', 'console-latest.txt');
      await world.evidence.put(key, new TextEncoder().encode(text));
      const piece = { name: 'console-latest.txt', key, bytes: text.length, sha256: '', capturedAt: T0 } as const;
      await world.evidence.putIndex({ ...emptyIndex('web', 'i-0-1', 'i-0'), pieces: [piece] });
      await recordFault(world, input(0));
      return (await world.faults.list('web', 0))[0]!.crash.crashClass;
    };
    await recordFault(world, input(0));
    expect((await world.faults.list('web', 0))[0]!.crash.crashClass).toBe('unknown');
    expect(await say('assertion `x` failed at main.c:1\n')).toBe('assert');
    expect(await say('panic: out of memory\n')).toBe('assert');
  });

  it('of a slot that loops calls a person once a day', async () => {
    const world = await openFleet(1);
    for (let n = 1; n <= 6; n++) {
      const at = T0 + n * 4 * MINUTE;
      const faultId = `i-loop-${n}`;
      const slot = (await world.slots.list('web'))[0]!;
      await world.slots.put({ ...slot, condemned: [{ ...condemned(0, at), faultId, attempt: n, build: 'linux' }] });
      world.time.now = at + MINUTE;
      await recordFault(world, { ...input(0), faultId });
    }
    expect(world.faultNotices.pages.map(({ why }) => why)).toEqual([expect.stringContaining('3 nodes in a row failed in slot')]);
  });
});
