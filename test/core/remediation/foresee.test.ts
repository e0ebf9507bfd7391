/** What the door expects of a failure before its evidence is in. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../core/faults/classify.ts';
import type { Condemned } from '../../../core/fleet/fleet.ts';
import { foresee } from '../../../core/remediation/foresee.ts';
import { aSlot } from '../../contracts/slots.contract.ts';
import { HOUR, T0 } from '../../fakes/fixtures.ts';
import { aFault, aFleet, ledgerWith, noted, until } from '../../fakes/ledger.ts';

const PANIC = 'panic: no cart\n\ngoroutine 1 [running]:\nmain.total(...)\n\t/build/cart.go:31 +0x1d\n';
const console = new TextEncoder().encode(PANIC);
const crash = classify({ console, end: { state: 'stopped', wasHealthy: true } });
const glance = { console: async () => console };

const slot = aSlot({ service: 'web', id: 'blue-1-9', group: 'blue', build: 'unikernel', version: '1.0.0' });
const condemned = (at: number): Condemned => ({
  ...{ faultId: 'i-9-1', instanceId: 'i-9', attempt: 1, build: 'unikernel', zone: 'zone-2', at, detectedAt: at, run: 1 },
  ...{ way: 'state-change', why: 'it is off', isHung: false, wasHealthy: true, wasInFlight: false, isSampled: true },
});
const before = noted(ledgerWith(aFleet()), [{ ...aFault(), crash }]);
const after = (hours: number) => ({ slot, condemned: condemned(T0 + hours * HOUR), now: T0 + hours * HOUR });

describe('a node that fails', () => {
  it('as another of its release did days ago gets the Linux twin', async () => {
    const hours = 6 * 24;
    const ledger = until(before, T0 + hours * HOUR);
    expect(await foresee(glance, ledger, after(hours))).toMatchObject({ kind: 'replace-with-twin' });
  });

  it('otherwise than others did, or without words so far, is replaced', async () => {
    const words = new TextEncoder().encode(PANIC.replaceAll('cart', 'till'));
    expect(await foresee({ console: async () => words }, before, after(1))).toMatchObject({ kind: 'replace' });
    expect(await foresee({ console: async () => undefined }, before, after(1))).toMatchObject({ kind: 'replace' });
    expect(await foresee({ console: () => Promise.reject(new Error('throttled')) }, before, after(1))).toMatchObject({
      kind: 'replace',
    });
  });

  it('is not taken to be like others that said nothing, only as its console cannot be had yet', async () => {
    const silent = classify({ console: undefined, end: { state: 'stopped', wasHealthy: true } });
    const ledger = noted(ledgerWith(aFleet()), [{ ...aFault({ at: T0 + HOUR }), crash: silent }]);
    expect(await foresee({ console: async () => undefined }, ledger, after(1))).toMatchObject({ kind: 'replace' });
  });

  it('first of its release is not even looked at', async () => {
    let looks = 0;
    const counting = {
      console: async () => {
        looks += 1;
        return console;
      },
    };
    expect(await foresee(counting, undefined, after(1))).toMatchObject({ kind: 'replace' });
    expect(await foresee(counting, ledgerWith(aFleet()), after(1))).toMatchObject({ kind: 'replace' });
    expect(looks).toBe(0);
  });
});
