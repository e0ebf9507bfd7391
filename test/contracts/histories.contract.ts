/** What every keeper of a service's history must do. */
import { describe, expect, it } from 'vitest';
import { learnSeason, noHistory } from '../../core/judgement/history.ts';
import type { Histories } from '../../core/judgement/ports.ts';
import { aSeason } from '../fakes/history.ts';

const told = (id: string) => ({ season: aSeason({ id }), stable: '1.0.0', fingerprints: ['abc'] });
const aHistory = () => learnSeason(noHistory('web', 'linux'), told('2.0.0#2'));

export function historiesContract(name: string, open: () => Promise<Histories>): void {
  describe(`${name} keeps what is remembered of services`, () => {
    it('gives back what was written, one revision on, for each service and build', async () => {
      const histories = await open();
      const stored = await histories.put(aHistory());
      expect(stored).toEqual({ ...aHistory(), revision: 1 });
      expect(await histories.find('web', 'linux')).toEqual(stored);
      expect(await histories.find('web', 'unikernel')).toBeUndefined();
      expect(await histories.find('other', 'linux')).toBeUndefined();
    });

    it('lets one of two writers win who read the same revision: the other reads again', async () => {
      const histories = await open();
      const read = await histories.put(aHistory());
      const writes = ['2.0.1#3', '2.0.2#4'].map((id) => histories.put(learnSeason(read, told(id))));
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'RecordConflict' } });
      expect((await histories.find('web', 'linux'))?.seasons).toHaveLength(2);
    });
  });
}
