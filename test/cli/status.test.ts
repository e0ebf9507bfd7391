/** What the operator sees of uploads: the records are written by the functions' own adapters, and read by the command. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoFaults } from '../../adapters/dynamo-faults.ts';
import { DynamoItems } from '../../adapters/dynamo-items.ts';
import { DynamoKills } from '../../adapters/dynamo-kills.ts';
import { DynamoLedgers } from '../../adapters/dynamo-ledgers.ts';
import { DynamoRecords } from '../../adapters/dynamo-records.ts';
import { DynamoRefusals } from '../../adapters/dynamo-refusals.ts';
import { showStatus, type Asked, type StatusAccount } from '../../cli/commands/status.ts';
import { admitImage } from '../../core/release/admit-image.ts';
import { mayKill } from '../../core/remediation/kill-budget.ts';
import { recordFault } from '../../core/remediation/record-fault.ts';
import { MINUTE, service } from '../fakes/fixtures.ts';
import { openDriver } from '../fakes/hello.ts';
import { MemoryEvidence } from '../fakes/memory-evidence.ts';
import { openWorld } from '../fakes/memory-world.ts';
import { aSlot } from '../contracts/slots.contract.ts';
import { openDynalite } from '../contracts/dynalite.ts';

let dynalite: Awaited<ReturnType<typeof openDynalite>>;
let items: DynamoItems;
let account: StatusAccount;
const driver = openDriver();
const nothingStored = { readText: () => Promise.reject(new Error('no test here reads an object')) };
const AT = Date.UTC(2026, 10, 27, 10);

beforeAll(async () => {
  dynalite = await openDynalite();
});
afterAll(async () => dynalite.close());

beforeEach(async () => {
  const table = await dynalite.tableName();
  items = new DynamoItems(dynalite.documents, table);
  account = { table: dynalite.documents, controlPlane: { table, imagesBucket: 'images' } };
});

async function upload(key: string, size = 5, sequencer = key): Promise<void> {
  const object = { key, size, etag: 'e', 'version-id': `v-${sequencer}`, sequencer };
  const ports = {
    ...driver.world,
    images: nothingStored,
    records: new DynamoRecords(items),
    refusals: new DynamoRefusals(items),
  };
  await admitImage(ports, { id: 'event', time: AT, detail: { bucket: { name: 'images' }, object } });
}

async function shown(asked: Omit<Asked, 'now'>, now = AT): Promise<string> {
  const lines: string[] = [];
  await showStatus(account, { ...asked, now }, { tell: (line) => lines.push(line), emit: () => undefined });
  return lines.join('\n');
}

describe('tandem status', () => {
  it('shows since when a release is held, for what, and which orders end it', async () => {
    await upload('web/6.0.0/linux.raw');
    const records = new DynamoRecords(items);
    const release = (await records.findRelease('web', '6.0.0'))!;
    const held = { ...release, stage: 'canary', trouble: { since: AT, why: 'new Linux 20.0 %, old Linux 20.0 %' } } as const;
    const stored = await records.putRelease(held);
    expect(await shown({ service: 'web', version: '6.0.0' })).toContain(
      '2026-11-27T10:00:00Z  held          old and new fail alike: new Linux 20.0 %, old Linux 20.0 %; order "promote" or "abort"',
    );
    await records.putRelease({ ...stored, stage: 'rolled-back' });
    expect(await shown({ service: 'web', version: '6.0.0' })).not.toContain('held');
  });

  it('shows a release that was refused, with its reason', async () => {
    await upload('web/5.0.0/linux.raw', 0);
    expect(await shown({ service: 'web' })).toMatch(/^5\.0\.0 +refused .*web\/5\.0\.0\/linux\.raw is refused: it is empty/);
    expect(await shown({ service: 'web', version: '5.0.0' })).toContain('it is empty. Upload a new version');
  });

  it('says in the list why a release is where it is, and not what was refused since', async () => {
    await upload('web/5.0.0/linux.raw', 0);
    await upload('web/5.0.0/unikernel.raw');
    const list = await shown({ service: 'web' });
    expect(list).toContain('it is empty');
    expect(list).not.toContain('is refused already');
    expect(await shown({ service: 'web', version: '5.0.0' })).toContain('5.0.0 is refused already');
  });

  it.each([
    ['a version that is none', 'web/four/linux.raw', { service: 'web' }, 'version "four" is not semantic'],
    ['a version that is none, asked for', 'web/four/linux.raw', { service: 'web', version: 'four' }, 'is not semantic'],
    ['a part that is none', 'web/4.0.0/other.bin', { service: 'web', version: '4.0.0' }, 'names no part of a release'],
    ['an unknown service', 'nobody/1.0.0/linux.raw', { service: 'nobody' }, 'there is no service "nobody"'],
    ['an unknown service, without one', 'nobody/1.0.0/linux.raw', {}, 'there is no service "nobody"'],
    ['a key that is none', 'GARBAGE', {}, '"GARBAGE" does not begin with a service'],
  ])('shows the refusal of %s', async (_case, key, asked, why) => {
    await upload(key);
    expect(await shown(asked)).toMatch(/^refused, and part of no release:\n {2}2026-11-27T10:00:00Z/);
    expect(await shown(asked)).toContain(why);
  });

  it('shows what was refused of one service to nobody who asks for another', async () => {
    await upload('web/four/linux.raw');
    await upload('webby/1.0.0/linux.raw');
    await expect(shown({ service: 'other' })).rejects.toThrow(
      'nothing is recorded of other; upload linux.raw and unikernel.raw to s3://images/other/VERSION/',
    );
    expect(await shown({ service: 'web' })).not.toContain('webby');
    await expect(shown({ service: 'web', version: '1.0.0' })).rejects.toThrow('nothing is recorded of web@1.0.0');
  });

  it('ends a long list where it is not read any more', async () => {
    for (let n = 0; n < 23; n++) await upload(`GARBAGE${n}`);
    const lines = (await shown({})).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe('  and 3 older; all with --json');
  });

  describe('of a service whose nodes fail', () => {
    const ports = () => ({
      ...openWorld(service()),
      faults: new DynamoFaults(items),
      kills: new DynamoKills(items),
      ledgers: new DynamoLedgers(items),
      evidence: new MemoryEvidence(),
    });

    async function fail(world: ReturnType<typeof ports>, n: number, at: number): Promise<void> {
      const faultId = `i-${n}-1`;
      const lost = {
        faultId,
        instanceId: `i-${n}`,
        attempt: 1,
        build: 'unikernel',
        zone: `zone-${n % 3}`,
        at,
        detectedAt: at,
      } as const;
      const how = { way: 'state-change', why: 'it is off', isHung: false, wasHealthy: true, wasInFlight: false } as const;
      const slot = { id: `blue-1-${n}`, service: 'web', group: 'blue', version: '5.0.0', recordedAt: AT - 240 * MINUTE } as const;
      await world.slots.put(
        aSlot({ ...slot, state: 'launched', attempt: 2, condemned: [{ ...lost, ...how, isSampled: true, run: 1 }] }),
      );
      world.time.now = at;
      await mayKill(world.kills, service().file, faultId, at);
      await recordFault(world, { service: 'web', slot: slot.id, faultId, at, isFinal: true });
    }

    it('shows what is alike together, how often, what it led to, what the next would, and what is left of the kill budget', async () => {
      await upload('web/5.0.0/linux.raw', 0);
      expect(await shown({ service: 'web' })).not.toContain('faults');
      const world = ports();
      for (const n of [0, 1]) await fail(world, n, AT + n * 10 * MINUTE);
      const [title, what, led, next] = (await shown({ service: 'web' }, AT + 15 * MINUTE)).split('\n').slice(1);
      expect(title).toBe('faults of the last 24 h, the newest first; kill budget: 8 of 10 left in this hour');
      expect(what).toMatch(
        /^ {2}2026-11-27T10:10:00Z {2}2x in 2 place\(s\) {2}5\.0\.0 {2}unknown \([0-9a-f]{16}\): it is terminated/,
      );
      expect(led).toMatch(/^ {4}led to {4}replace-with-twin: fingerprint [0-9a-f]{16} has come again$/);
      expect(next).toMatch(/^ {4}the next {2}page: 3 nodes of 5\.0\.0 failed/);
    });

    it('shows none of another version, none of days ago, and all of it with --json', async () => {
      await upload('web/5.0.0/linux.raw', 0);
      await fail(ports(), 0, AT);
      const emitted: unknown[] = [];
      const io = { tell: () => undefined, emit: (value: unknown) => emitted.push(value) };
      await showStatus(account, { service: 'web', now: AT + 2 * 60 * MINUTE }, io);
      await showStatus(account, { service: 'web', version: '5.0.0', now: AT + 25 * 60 * MINUTE }, io);
      expect(emitted).toMatchObject([
        {
          faults: [{ count: 1, places: 1, version: '5.0.0', next: { kind: 'replace-with-twin' } }],
          kills: { spent: 0, budget: 10 },
        },
        { faults: [], kills: { spent: 0 } },
      ]);
    });
  });
});
