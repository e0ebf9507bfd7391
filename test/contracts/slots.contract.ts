/** What every keeper of slots must do. */
import { describe, expect, it } from 'vitest';
import type { Slot } from '../../core/fleet/fleet.ts';
import type { Slots } from '../../core/fleet/ports.ts';

export const aSlot = (over: Partial<Slot> = {}): Slot => ({
  id: 'canary-4-1',
  service: 'hello',
  group: 'canary',
  build: 'linux',
  version: '1.1.0',
  zone: 'eu-west-1a',
  subnet: 'subnet-1',
  imageId: 'ami-1',
  fence: 4,
  attempt: 1,
  state: 'recorded',
  recordedAt: 0,
  revision: 0,
  ...over,
});

export function slotsContract(name: string, open: () => Promise<Slots>): void {
  describe(`${name} keeps slots`, () => {
    it('gives back what was written, one revision on', async () => {
      const slots = await open();
      const stored = await slots.put(aSlot());
      expect(stored.revision).toBe(1);
      expect(await slots.find('hello', 'canary-4-1')).toEqual(stored);
      expect(await slots.find('hello', 'canary-4-2')).toBeUndefined();
    });

    it('lets one of two writers win who read the same revision', async () => {
      const slots = await open();
      const read = await slots.put(aSlot());
      const writes = ['i-1', 'i-2'].map((instanceId) => slots.put({ ...read, state: 'launched', instanceId }));
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'RecordConflict' } });
    });

    it('finds a slot by the instance that fills it, and by none that filled it before', async () => {
      const slots = await open();
      const { instanceId, ...empty } = await slots.put(aSlot({ state: 'launched', instanceId: 'i-1' }));
      expect(await slots.findByInstance('i-1')).toMatchObject({ id: 'canary-4-1', instanceId });
      await slots.put({ ...empty, state: 'recorded', attempt: 2 });
      expect(await slots.findByInstance('i-1')).toBeUndefined();
      expect(await slots.findByInstance('i-2')).toBeUndefined();
    });

    it("lists a service's slots, and no other's", async () => {
      const slots = await open();
      await slots.put(aSlot());
      await slots.put(aSlot({ id: 'blue-4-1' }));
      await slots.put(aSlot({ service: 'hello-two' }));
      expect((await slots.list('hello')).map(({ id }) => id).sort()).toEqual(['blue-4-1', 'canary-4-1']);
    });
  });
}
