/** What every keeper of release and service records must do. */
import { describe, expect, it } from 'vitest';
import type { Records } from '../../core/release/ports.ts';
import { NO_WEIGHTS, type ReleaseRecord, type ServiceRecord } from '../../core/release/release.ts';

export const aServiceRecord = (over: Partial<ServiceRecord> = {}): ServiceRecord => ({
  service: 'hello',
  fence: 0,
  revision: 0,
  queue: [],
  weights: NO_WEIGHTS,
  ...over,
});

export const aReleaseRecord = (over: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  service: 'hello',
  version: '1.0.0',
  stage: 'received',
  fence: 0,
  revision: 0,
  paused: false,
  images: {},
  orders: [],
  verdicts: [],
  transitions: [],
  receivedAt: 1,
  changedAt: 1,
  ...over,
});

export function recordsContract(name: string, open: () => Promise<Records>): void {
  describe(`${name} keeps records`, () => {
    it('finds nothing that was not written', async () => {
      const records = await open();
      expect(await records.findService('hello')).toBeUndefined();
      expect(await records.findRelease('hello', '1.0.0')).toBeUndefined();
      expect(await records.releases('hello')).toEqual([]);
    });

    it('gives back what was written, one revision on', async () => {
      const records = await open();
      const stored = await records.putRelease(
        aReleaseRecord({ verdicts: [{ kind: 'pass', why: 'ok', stage: 'canary', at: 5 }] }),
      );
      expect(stored.revision).toBe(1);
      expect(await records.findRelease('hello', '1.0.0')).toEqual(stored);
      const service = await records.putService(aServiceRecord({ weights: { main: { blue: 950, canary: 50 }, beta: {} } }));
      expect(await records.findService('hello')).toEqual(service);
    });

    it('leaves out what is undefined', async () => {
      const records = await open();
      await records.putService(aServiceRecord({ inFlight: undefined }));
      expect(Object.keys((await records.findService('hello')) ?? {})).not.toContain('inFlight');
    });

    it('refuses a second first write, and changes nothing', async () => {
      const records = await open();
      await records.putService(aServiceRecord({ fence: 1 }));
      await expect(records.putService(aServiceRecord({ fence: 2 }))).rejects.toMatchObject({ name: 'RecordConflict' });
      expect((await records.findService('hello'))?.fence).toBe(1);
    });

    it('lets one of two writers win who read the same revision', async () => {
      const records = await open();
      const read = await records.putRelease(aReleaseRecord());
      const writes = ['one', 'two'].map((by) => records.putRelease({ ...read, intent: { kind: 'abort', by, why: 'w', at: 2 } }));
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect((await records.findRelease('hello', '1.0.0'))?.revision).toBe(2);
    });

    it('refuses a write of a record that is not there any more, or never was', async () => {
      const records = await open();
      await expect(records.putRelease(aReleaseRecord({ revision: 4 }))).rejects.toMatchObject({ name: 'RecordConflict' });
      expect(await records.findRelease('hello', '1.0.0')).toBeUndefined();
    });

    it("lists a service's releases, and no other's", async () => {
      const records = await open();
      await records.putService(aServiceRecord());
      await records.putRelease(aReleaseRecord({ version: '1.0.0' }));
      await records.putRelease(aReleaseRecord({ version: '1.1.0-rc.1' }));
      await records.putRelease(aReleaseRecord({ service: 'hello-two', version: '2.0.0' }));
      expect((await records.releases('hello')).map(({ version }) => version).sort()).toEqual(['1.0.0', '1.1.0-rc.1']);
    });

    it('lists more releases than one page holds', async () => {
      const records = await open();
      const why = 'x'.repeat(150_000);
      for (let n = 0; n < 9; n++)
        await records.putRelease(aReleaseRecord({ version: `1.0.${n}`, intent: { kind: 'abort', by: 'b', why, at: 1 } }));
      expect(await records.releases('hello')).toHaveLength(9);
    });
  });
}
