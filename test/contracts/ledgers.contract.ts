/** What every keeper of fault ledgers must do. */
import { describe, expect, it } from 'vitest';
import type { LedgerRecord, Ledgers } from '../../core/remediation/ports.ts';
import { aFleet, ledgerWith, noted, spread } from '../fakes/ledger.ts';

const aLedger = (service = 'web'): LedgerRecord => ({
  ...noted(ledgerWith(aFleet()), [...spread(3, 100), ...spread(9, 0.1, { zone: 'zone-1', print: '' })]),
  service,
  revision: 0,
});

export function ledgersContract(name: string, open: () => Promise<Ledgers>): void {
  describe(`${name} keeps fault ledgers`, () => {
    it('gives back what was written, one revision on, each to its service', async () => {
      const ledgers = await open();
      const stored = await ledgers.put(aLedger());
      expect(stored).toEqual({ ...aLedger(), revision: 1, marks: stored.marks });
      expect(await ledgers.find('web')).toEqual(stored);
      expect(await ledgers.find('other')).toBeUndefined();
    });

    it('lets one of two writers win who read the same revision', async () => {
      const ledgers = await open();
      const read = await ledgers.put(aLedger());
      const writes = [1, 2].map((at) => ledgers.put({ ...read, at }));
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'RecordConflict' } });
    });
  });
}
