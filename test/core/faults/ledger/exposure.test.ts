/** Node-hours, from slots. */
import { describe, expect, it } from 'vitest';
import { exposureOf } from '../../../../core/faults/ledger/exposure.ts';
import { aSlot } from '../../../contracts/slots.contract.ts';
import { HOUR, T0 } from '../../../fakes/fixtures.ts';

const launched = { state: 'launched', build: 'unikernel', recordedAt: T0, launchedAt: T0, instanceId: 'i-1' } as const;

describe('node-hours', () => {
  it('count from the first health check a node passed, and only since they were last counted', () => {
    const slot = aSlot({ ...launched, healthyAt: T0 + HOUR });
    expect(exposureOf([slot], 0, T0 + 5 * HOUR)).toMatchObject([{ nodes: 1, hours: 4 }]);
    expect(exposureOf([slot], T0 + 3 * HOUR, T0 + 5 * HOUR)).toMatchObject([{ nodes: 1, hours: 2 }]);
  });

  it('do not begin before a node has served', () => {
    expect(exposureOf([aSlot(launched), aSlot({ state: 'recorded' })], 0, T0 + HOUR)).toEqual([]);
  });

  it('end when a slot is retired', () => {
    const retired = { ...launched, healthyAt: T0, retiringSince: T0 + 2 * HOUR };
    const found = exposureOf([aSlot({ ...retired, state: 'retiring' }), aSlot({ ...retired, state: 'gone' })], 0, T0 + 9 * HOUR);
    expect(found).toMatchObject([{ nodes: 0, hours: 4 }]);
  });

  it('go on through a replacement', () => {
    const replaced = aSlot({ ...launched, attempt: 3, launchedAt: T0 + 5 * HOUR });
    expect(exposureOf([replaced], 0, T0 + 6 * HOUR)).toMatchObject([{ nodes: 1, hours: 6 }]);
  });

  it('are those of the Linux build from the time its twin took the place', () => {
    const twin = { imageId: 'ami-1', at: T0 + 2 * HOUR, why: 'it came again' };
    const found = exposureOf([aSlot({ ...launched, attempt: 2, twin })], 0, T0 + 5 * HOUR);
    expect(found).toMatchObject([
      { build: 'unikernel', nodes: 0, hours: 2 },
      { build: 'linux', nodes: 1, hours: 3 },
    ]);
  });

  it('are kept apart by release, build and zone', () => {
    const one = { ...launched, healthyAt: T0 };
    const slots = [
      aSlot(one),
      aSlot(one),
      aSlot({ ...one, zone: 'b' }),
      aSlot({ ...one, version: '2' }),
      aSlot({ ...one, build: 'linux' }),
    ];
    expect(exposureOf(slots, 0, T0 + HOUR).map(({ nodes }) => nodes)).toEqual([2, 1, 1, 1]);
  });

  it('add up to the same, however often they are counted on the way', () => {
    const slots = [aSlot({ ...launched, healthyAt: T0 }), aSlot({ ...launched, healthyAt: T0 + HOUR / 3 })];
    const total = (stops: readonly number[]) =>
      stops.slice(1).reduce((sum, stop, index) => sum + exposureOf(slots, stops[index]!, stop)[0]!.hours, 0);
    expect(total([T0, T0 + HOUR, T0 + 7 * HOUR])).toBeCloseTo(total([T0, T0 + 7 * HOUR]), 9);
  });
});
