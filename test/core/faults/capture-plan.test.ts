/** How long until Linux shows it, against closed forms and against chance. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../bench/judge/random.ts';
import {
  exposureToCapture,
  faultsNeeded,
  hoursToCapture,
  nodesToCapture,
  oddsOfLinux,
  sayCapture,
  sayDuration,
  secondsToCapture,
  shareToCapture,
} from '../../../core/faults/capture-plan.ts';
import { outlookOf } from '../../../core/faults/outlook.ts';
import { aFault, aFleet, ledgerWith, noted, spread } from '../../fakes/ledger.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const thousand = { faultProbability: 1e-6, requestsPerSecond: 1000 };

const hunts = fc.record({
  faultProbability: fc.double({ min: 1e-9, max: 1e-2, noNaN: true }),
  requestsPerSecond: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
  reproduction: fc.double({ min: 0.05, max: 1, noNaN: true }),
  captures: fc.integer({ min: 1, max: 20 }),
});

describe('the time to a capture', () => {
  it.each([
    [1, 2.996],
    [2, 4.744],
    [3, 6.296],
    [5, 9.154],
  ])(
    'is until %i captures are as good as certain: that many are had in 19 of 20 cases when %d are expected',
    (captures, faults) => {
      expect(faultsNeeded(captures)).toBeCloseTo(faults, 3);
    },
  );

  it.each([
    [1e-4, 10 * 60],
    [1e-5, 1.66 * HOUR],
    [1e-6, 16.6 * HOUR],
    [1e-7, 6.93 * DAY],
  ])('of a fault of %d, with 5 %% of 1000 requests a second, is as in the table', (faultProbability, seconds) => {
    expect(secondsToCapture({ ...thousand, faultProbability }, 0.05) / seconds).toBeCloseTo(1, 2);
  });

  it('is kept in 19 of 20 cases, by chance as by formula', () => {
    const random = randomFrom(11);
    const hunt = { faultProbability: 1e-4, requestsPerSecond: 100, reproduction: 0.5, captures: 3 };
    const expected = secondsToCapture(hunt, 0.2) * 0.2 * 100 * 1e-4 * 0.5;
    const runs = 4000;
    let inTime = 0;
    for (let run = 0; run < runs; run++) if (random.poisson(expected) >= 3) inTime += 1;
    expect(inTime / runs).toBeGreaterThan(0.94);
    expect(inTime / runs).toBeLessThan(0.96);
  });

  it('and the share that it takes are each the other turned round', () => {
    fc.assert(
      fc.property(hunts, fc.double({ min: 0.001, max: 1, noNaN: true }), (hunt, share) => {
        expect(shareToCapture(hunt, secondsToCapture(hunt, share)) / share).toBeCloseTo(1, 9);
      }),
    );
  });

  it('is never without requests, or where the fault does not come on Linux', () => {
    expect(secondsToCapture(thousand, 0)).toBe(Infinity);
    expect(secondsToCapture({ ...thousand, reproduction: 0 }, 1)).toBe(Infinity);
    expect(shareToCapture({ ...thousand, requestsPerSecond: 0 }, DAY)).toBe(Infinity);
    expect(hoursToCapture(0.001, 0)).toBe(Infinity);
  });

  it('goes by node-hours for a fault that does', () => {
    expect(hoursToCapture(1 / 1000, 4)).toBeCloseTo(749, 0);
  });

  it('takes so many nodes as their share of the requests needs', () => {
    const share = shareToCapture(thousand, DAY);
    expect(share).toBeCloseTo(0.0347, 4);
    expect(nodesToCapture(share, 1000, 20)).toBe(2);
    expect(nodesToCapture(0.04, 1000, 20)).toBe(2);
  });
});

describe('a fault whose rate is not known', () => {
  it.each([
    [1, 19],
    [2, 3.472],
    [3, 1.714],
    [5, 0.8206],
    [10, 0.3493],
  ])('that was seen %i times takes %d times the requests it was seen among', (times, factor) => {
    expect(exposureToCapture({ times, among: 1e6 }) / 1e6).toBeCloseTo(factor, 3);
  });

  it('is then caught in 19 of 20 cases, whatever its rate is', () => {
    const random = randomFrom(5);
    for (const times of [1, 3]) {
      const runs = 4000;
      let caught = 0;
      for (let run = 0; run < runs; run++) {
        // Requests until the fault came so many times: a sum of exponentials.
        let among = 0;
        for (let one = 0; one < times; one++) among -= Math.log(1 - random.next());
        if (random.next() < 1 - Math.exp(-exposureToCapture({ times, among }))) caught += 1;
      }
      expect(caught / runs).toBeGreaterThan(0.94);
      expect(caught / runs).toBeLessThan(0.96);
    }
  });

  it('and does not come on Linux for so long is less and less likely to come there at all', () => {
    expect(oddsOfLinux({ times: 3, among: 100 }, 0)).toBe(1);
    expect(oddsOfLinux({ times: 3, among: 100 }, 100)).toBe(1 / 8);
    const seen = { times: 3, among: 100 };
    expect(oddsOfLinux(seen, exposureToCapture(seen))).toBeCloseTo(0.05, 9);
  });
});

describe('in words', () => {
  it('a fault shows up within so many hours, days or minutes', () => {
    expect(sayCapture(thousand, 0.05)).toBe('a 1e-6 fault would show up on a Linux node within 17 h');
    expect(sayCapture({ ...thousand, faultProbability: 2.5e-7 }, 0.05)).toBe(
      'a 2.5e-7 fault would show up on a Linux node within 3 d',
    );
    expect(sayCapture(thousand, 0)).toBe('a 1e-6 fault would never show up on a Linux node: none of the requests go there');
    expect([30, 100, 119, 7199, 7200, 200_000].map(sayDuration)).toEqual(['30 s', '100 s', '119 s', '120 min', '2 h', '3 d']);
  });

  it.each([
    [1e-6, 1000, 0.05],
    [3e-7, 2000, 0.02],
    [1e-4, 50, 0.1],
    [2e-5, 500, 0.35],
  ])('and does so in 19 of 20 cases, request by request: %d at %i/s, share %d', (faultProbability, requestsPerSecond, share) => {
    const said = / within (\d+) (s|min|h|d)$/.exec(sayCapture({ faultProbability, requestsPerSecond }, share))!;
    const seconds = Number(said[1]) * { s: 1, min: 60, h: HOUR, d: DAY }[said[2] as 's' | 'min' | 'h' | 'd'];
    const random = randomFrom(faultProbability * 1e9);
    const runs = 6000;
    let inTime = 0;
    for (let run = 0; run < runs; run++) {
      // Each request goes to an instrumented node by chance, and meets the fault there by chance: the first that does both.
      const first = Math.ceil(Math.log(1 - random.next()) / Math.log1p(-share * faultProbability));
      if (first / requestsPerSecond <= seconds) inTime += 1;
    }
    expect(inTime / runs).toBeGreaterThan(0.945);
    expect(inTime / runs).toBeLessThan(0.985);
  });

  it('what has come on unikernels is said to come on the Linux nodes within so long', () => {
    const ledger = ledgerWith(aFleet({ nodes: 200 }), aFleet({ build: 'linux', nodes: 10 }));
    const [first, second] = spread(2, 60, { print: 'new' });
    expect(outlookOf(noted(ledger, [first!]), first!)).toBe(
      'if it comes on Linux too, the 10 Linux node(s) show it within 399 d',
    );
    expect(outlookOf(noted(ledger, [first!, second!]), second!)).toMatch(/within 7\d d$/);
  });

  it('what has come on Linux is there to be looked at', () => {
    const ledger = ledgerWith(aFleet({ nodes: 200 }), aFleet({ build: 'linux', nodes: 10 }));
    const onLinux = aFault({ build: 'linux', print: 'panic' });
    const alike = aFault({ slot: 'x', print: 'panic' });
    expect(outlookOf(noted(ledger, [onLinux]), onLinux)).toContain('comes on Linux');
    expect(outlookOf(noted(ledger, [onLinux, alike]), alike)).toContain('comes on Linux');
  });

  it('what Linux had every chance to show and did not is the unikernel’s own', () => {
    const ledger = ledgerWith(aFleet({ nodes: 20 }), aFleet({ build: 'linux', nodes: 200 }));
    const faults = spread(3, 60, { print: 'new' });
    expect(outlookOf(noted(ledger, faults), faults[2]!)).toMatch(
      /^3 times in 5\d\d unikernel node-hours and never in 5\d\d\d on Linux/,
    );
  });

  it('nothing is said of a node that said nothing, nor of a release without Linux nodes', () => {
    expect(outlookOf(ledgerWith(aFleet()), aFault({ print: '' }))).toBeUndefined();
    expect(outlookOf(ledgerWith(aFleet()), aFault())).toBe('1.0.0 has no Linux node that could show it');
  });
});
