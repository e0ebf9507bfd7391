/** What must hold of the ladder whatever fails. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escalate } from '../../../../core/faults/escalate.ts';
import type { EscalationKind, Fault } from '../../../../core/faults/fault.ts';
import { strengthOf } from '../../../../core/faults/ledger/evidence.ts';
import { addFault, toMark } from '../../../../core/faults/ledger/keep-ledger.ts';
import type { Ledger, Mark } from '../../../../core/faults/ledger/ledger.ts';
import { randomFrom } from '../../../../bench/judge/random.ts';
import { HOUR, MINUTE, T0 } from '../../../fakes/fixtures.ts';
import { aFault, aFleet, ledgerWith, until } from '../../../fakes/ledger.ts';

const NOW_MINUTE = 600;
const NOW = T0 + NOW_MINUTE * MINUTE;

/** Now, when these have been told in this order. */
const tell = (start: Ledger, faults: readonly Fault[]) => faults.reduce(addFault, until(start, NOW));

const faultOf = (zones: number) =>
  fc
    .record({
      minute: fc.oneof(fc.integer({ min: 0, max: NOW_MINUTE }), fc.integer({ min: NOW_MINUTE - 12, max: NOW_MINUTE })),
      node: fc.integer({ min: 0, max: 11 }),
      print: fc.constantFrom('', 'old', 'new', 'odd', 'other'),
      zone: fc.integer({ min: 0, max: zones - 1 }),
      isLinux: fc.boolean(),
      isNew: fc.boolean(),
    })
    .map(({ minute, node, print, zone, isLinux, isNew }) =>
      aFault({
        ...{ minute, print, slot: `blue-1-${node}`, zone: `zone-${zone}` },
        ...(zones > 1 && { build: isLinux ? 'linux' : 'unikernel', version: isNew ? '2.0.0' : '1.0.0' }),
      }),
    );

const some = (zones: number) => fc.array(faultOf(zones), { minLength: 1, maxLength: 12 });
const both = ledgerWith(aFleet({ nodes: 60 }), aFleet({ version: '2.0.0', nodes: 12, hours: 2 }));
const runs = { numRuns: 150, seed: 5 };

describe('what is done about a fault', () => {
  it('is the same in whatever order faults are told', () => {
    fc.assert(
      fc.property(some(3), fc.integer({ min: 1, max: 1e6 }), (faults, mix) => {
        const mixed = faults.map((fault, index) => ({ fault, key: (index * 7919 + mix) % 101 })).sort((a, b) => a.key - b.key);
        const last = faults.at(-1)!;
        const other = tell(
          both,
          mixed.map(({ fault }) => fault),
        );
        expect(escalate(other, last, NOW)).toEqual(escalate(tell(both, faults), last, NOW));
      }),
      runs,
    );
  });

  it('does not depend on what nodes are called', () => {
    const renamed = (fault: Fault): Fault => ({ ...fault, slot: `x-${fault.slot.split('').reverse().join('')}` });
    fc.assert(
      fc.property(some(3), (faults) => {
        const last = faults.at(-1)!;
        const { kind } = escalate(tell(both, faults.map(renamed)), renamed(last), NOW);
        expect(kind).toBe(escalate(tell(both, faults), last, NOW).kind);
      }),
      runs,
    );
  });

  it('does not depend on where on the clock it all happens', () => {
    const DAYS = 1000 * 24 * HOUR;
    const moved = (fault: Fault): Fault => ({ ...fault, at: fault.at + DAYS });
    const later: Ledger = {
      ...both,
      at: both.at + DAYS,
      releases: both.releases.map((one) => ({ ...one, openedAt: one.openedAt + DAYS })),
    };
    fc.assert(
      fc.property(some(3), (faults) => {
        const last = faults.at(-1)!;
        const shifted = faults.map(moved).reduce(addFault, until(later, NOW + DAYS));
        const said = escalate(tell(both, faults), last, NOW);
        const wanted = said.until === undefined ? said : { ...said, until: said.until + DAYS };
        expect(escalate(shifted, moved(last), NOW + DAYS)).toEqual(wanted);
      }),
      runs,
    );
  });

  it('is never less with another fault of the release, where no zone can be blamed instead', () => {
    const RUNGS: Readonly<Record<EscalationKind, number>> = {
      replace: 0,
      'replace-with-twin': 1,
      'roll-back': 2,
      page: 2,
      hold: 2,
    };
    const one = ledgerWith(aFleet({ nodes: 60, zones: 1 }));
    fc.assert(
      fc.property(some(1), faultOf(1), (faults, another) => {
        const last = faults.at(-1)!;
        const before = escalate(tell(one, faults), last, NOW).kind;
        const after = escalate(tell(one, [...faults, another]), last, NOW).kind;
        expect(RUNGS[after]).toBeGreaterThanOrEqual(RUNGS[before]);
      }),
      { ...runs, numRuns: 400 },
    );
  });
});

describe('the evidence against a release', () => {
  it('is the same by the hour and by the minute', () => {
    fc.assert(
      fc.property(some(3), (faults) => {
        const ledger = tell(both, faults);
        const byMinute: Ledger = {
          ...ledger,
          marks: ledger.marks.map((mark) => ({ ...mark, hours: mark.hours * 60 })),
          releases: ledger.releases.map(({ hours, reference, usual = reference, ...rest }) => ({
            ...rest,
            reference: reference / 60,
            usual: usual / 60,
            hours: { linux: hours.linux * 60, unikernel: hours.unikernel * 60 },
          })),
        };
        ledger.releases.forEach((tally, index) => {
          const [hourly, minutely] = [strengthOf(ledger, tally), strengthOf(byMinute, byMinute.releases[index]!)];
          expect(minutely.evidence / hourly.evidence).toBeCloseTo(1, 6);
          expect(minutely.unrest / Math.max(hourly.unrest, 1e-9)).toBeCloseTo(hourly.unrest === 0 ? 0 : 1, 6);
        });
      }),
      runs,
    );
  });

  it.each([0.05, 0.5, 2])(
    'is worth what it costs, and no more: 1 in the mean of a fine release that expects %d faults',
    (expected) => {
      const [tally] = both.releases;
      const empty: Ledger = { ...both, marks: [] };
      let [mean, chance] = [0, Math.exp(-expected)];
      for (let older = 0; older < 150; older++) {
        const hours = { linux: 0, unikernel: expected / tally!.reference };
        mean += chance * strengthOf(empty, { ...tally!, hours, older }).evidence;
        chance *= expected / (older + 1);
      }
      expect(mean).toBeLessThanOrEqual(1);
      // What is bet on new faults is not at stake where none come, and what is above e^60 is not counted.
      expect(mean).toBeGreaterThan(0.2);
    },
  );

  it('accuses a fine release once in a hundred lives at most, though all its faults are new and four come as often as may be', () => {
    const random = randomFrom(11);
    const [tally] = both.releases;
    const { reference, usual } = tally!;
    const isAlike = (4 * usual!) / reference / 30;
    const lives = 1500;
    let accused = 0;
    for (let life = 0; life < lives; life++) {
      const marks: Mark[] = [];
      for (let expected = 0; marks.length < 25;) {
        expected -= Math.log(1 - random.next());
        const print = random.next() < isAlike ? `alike-${random.below(4)}` : `odd-${marks.length}`;
        const hours = expected / reference;
        marks.push(toMark(aFault({ minute: expected * 1000, slot: `${marks.length}`, print }), hours));
        const lived = { ...tally!, older: 0, hours: { linux: 0, unikernel: hours } };
        if (strengthOf({ ...both, marks }, lived).evidence < 100) continue;
        accused += 1;
        break;
      }
    }
    expect(accused / lives).toBeLessThanOrEqual(0.01);
  });

  it('never falls with another fault, of whatever kind and at whatever time', () => {
    fc.assert(
      fc.property(some(1), faultOf(1), fc.integer({ min: 0, max: 3 }), (faults, another, hours) => {
        const start = until(ledgerWith(aFleet({ zones: 1, nodes: 10, hours: hours * 20 })), NOW);
        const strength = (all: readonly Fault[]) => {
          const ledger = all.reduce(addFault, start);
          return strengthOf({ ...ledger, marks: ledger.marks.map(({ isShared: _, ...mark }) => mark) }, ledger.releases[0]!);
        };
        const [before, after] = [strength(faults), strength([...faults, another])];
        // Told late, it may be the first of its fingerprint: the others come less soon after it.
        const isFirst = faults.some(({ at, crash }) => crash.fingerprint === another.crash.fingerprint && at > another.at);
        expect(after.evidence).toBeGreaterThanOrEqual(before.evidence * (isFirst ? 0.95 : 1));
        expect(after.unrest).toBeGreaterThanOrEqual(before.unrest * 0.99);
      }),
      { ...runs, numRuns: 400 },
    );
  });

  it('falls while nothing fails', () => {
    const ledger = tell(both, [aFault({ minute: 500, print: 'new' }), aFault({ minute: 550, slot: 'x', print: 'new' })]);
    const later = until(ledger, NOW + 240 * HOUR);
    const [now, then] = [strengthOf(ledger, ledger.releases[0]!), strengthOf(later, later.releases[0]!)];
    expect(then.evidence).toBeLessThan(now.evidence / 3);
  });
});
