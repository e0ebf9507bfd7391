/** What the ledger keeps, and what it lets go. */
import { describe, expect, it } from 'vitest';
import { addFault, advance, countOf, yardstickFrom } from '../../../../core/faults/ledger/keep-ledger.ts';
import { incidentsIn, placesIn } from '../../../../core/faults/ledger/incidents.ts';
import type { Fault } from '../../../../core/faults/fault.ts';
import type { Ledger } from '../../../../core/faults/ledger/ledger.ts';
import { emptyLedger, hoursOf, marksOf, MOST_MARKS, MOST_OF_SLOT, MOST_RELEASES } from '../../../../core/faults/ledger/ledger.ts';
import { HOUR, MINUTE, T0 } from '../../../fakes/fixtures.ts';
import { aFault, aFleet, experienced, ledgerWith, noted, spread, until } from '../../../fakes/ledger.ts';

const LARGEST_BYTES = 48 * 1024;
const bytes = (ledger: Ledger) => Buffer.byteLength(JSON.stringify(ledger));

describe('the ledger', () => {
  it('notes a fault once, however often it is told', () => {
    const fault = aFault();
    const once = addFault(ledgerWith(aFleet()), fault);
    expect(addFault(once, fault)).toBe(once);
    expect(once.marks).toHaveLength(1);
  });

  it('is the same whatever the order in which faults are told, also of those at the same instant', () => {
    const faults = [...spread(5, 0), ...spread(5, 7), ...spread(3, 1, { print: '', zone: 'zone-1' })];
    const ledger = until(ledgerWith(aFleet()), T0 + HOUR);
    const tell = (all: readonly Fault[]) => all.reduce(addFault, ledger).marks;
    const shuffled = [...faults].sort((a, b) => (a.instanceId.at(-1)! < b.instanceId.at(-1)! ? -1 : 1));
    expect(tell(shuffled)).toEqual(tell(faults));
    expect(tell([...faults].reverse())).toEqual(tell(faults));
  });

  it('notes nothing an operator has ordered', () => {
    const ledger = ledgerWith(aFleet());
    expect(addFault(ledger, aFault({ way: 'operator' }))).toBe(ledger);
  });

  it('stays under 48 KiB, whatever comes, for years', () => {
    let ledger = experienced;
    for (let release = 0; release < 40; release++) {
      const version = `${release}.100.100-${'long'.repeat(5)}`;
      const now = T0 + release * 100 * HOUR;
      const fleets = [aFleet({ version, zones: 6 }), aFleet({ version, zones: 6, build: 'linux', nodes: 50 })].flat();
      ledger = advance(ledger, fleets, now);
      for (let n = 0; n < 40; n++) {
        const place = { slot: `baseline-1000-${n}`, zone: `ap-southeast-${n % 6}a`, id: `i-0123456789abcdef${release}-${n}` };
        const print = `0123456789a${release}b${n}`.padEnd(16, 'f');
        ledger = addFault(ledger, aFault({ version, ...place, at: now + n * MINUTE, print }));
        expect(bytes(ledger)).toBeLessThan(LARGEST_BYTES);
      }
    }
    expect(ledger.marks).toHaveLength(MOST_MARKS);
    expect(ledger.releases).toHaveLength(MOST_RELEASES);
    expect(bytes(ledger)).toBeGreaterThan(LARGEST_BYTES / 2);
  });

  it('still counts the incidents whose faults it has forgotten', () => {
    const ledger = noted(ledgerWith(aFleet()), spread(MOST_MARKS + 30, 5));
    const tally = ledger.releases[0]!;
    expect(tally.older).toBe(30);
    expect(countOf(ledger, tally)).toBe(MOST_MARKS + 30);
  });

  it('lets no single slot push out the others', () => {
    const loop = Array.from({ length: 200 }, (_, n) => aFault({ slot: 'blue-1-99', minute: 100 + n * 3 }));
    const ledger = noted(ledgerWith(aFleet()), [...spread(10, 5), ...loop]);
    expect(ledger.marks).toHaveLength(10 + MOST_OF_SLOT);
  });

  it('does not take up a release again that is gone, though its slots are still in the table', () => {
    const [old, ...others] = ['1', '2', '3', '4', '5', '6', '7'].map((version) => aFleet({ version }));
    const gone = old!.map((one) => ({ ...one, nodes: 0, hours: 0 }));
    const ledger = advance(advance(experienced, old!, T0), [...gone, ...others.flat()], T0 + HOUR);
    expect(ledger.releases.map(({ version }) => version)).not.toContain('1');
    const later = advance(ledger, [...gone, ...others.flat()], T0 + 2 * HOUR);
    expect(later.past).toEqual(ledger.past);
    expect(advance(experienced, gone, T0).releases).toEqual([]);
  });
});

describe('a fault that is told late', () => {
  it('is put where it belongs: before the hours its release has run since', () => {
    const ledger = until(ledgerWith(aFleet()), T0 + HOUR);
    const [early, late] = [aFault({ minute: 0 }), aFault({ minute: 60 })].map((fault) => addFault(ledger, fault).marks[0]!);
    expect(late!.hours).toBeCloseTo(5000, 6);
    expect(early!.hours).toBeCloseTo(4800, 6);
  });
});

describe('what a release is held to', () => {
  it('is half as much again as its predecessors had', () => {
    expect(yardstickFrom(experienced).reference).toBeCloseTo(1.5 / 1000, 6);
    expect(ledgerWith(aFleet()).releases[0]!.reference).toBeCloseTo(1.5 / 1000, 6);
  });

  it('forgives one and the same new fault only as a share of what they had, not of the half again', () => {
    const { usual, reference } = ledgerWith(aFleet()).releases[0]!;
    expect(usual).toBeGreaterThan(1 / 1000);
    expect(usual).toBeLessThan(0.85 * reference);
    expect(yardstickFrom(emptyLedger)).toMatchObject({ usual: yardstickFrom(emptyLedger).reference });
  });

  it('is lenient where little is known, and never stricter than one fault in 5000 node-hours', () => {
    expect(yardstickFrom(emptyLedger).reference).toBeGreaterThan(1 / 120);
    expect(yardstickFrom({ ...emptyLedger, past: { incidents: 0, hours: 1e7, prints: [] } }).reference).toBe(1 / 5000);
  });

  it('stays what it was when the release came, and forgives nothing because of its own faults', () => {
    const before = ledgerWith(aFleet());
    const after = until(noted(before, spread(50, 5)), T0 + 24 * HOUR);
    expect(after.releases[0]!.reference).toBe(before.releases[0]!.reference);
    expect(hoursOf(after.releases[0]!)).toBeCloseTo(9600, 6);
  });

  it('does not become lenient through a release that was accused', () => {
    const accused = noted(ledgerWith(aFleet()), spread(40, 5, { print: 'new' }));
    expect(accused.releases[0]!.accusedAt).toBeDefined();
    expect(yardstickFrom(accused).reference).toBeLessThanOrEqual(yardstickFrom(experienced).reference);
  });
});

describe('an incident', () => {
  const inZone = (zone: string, ...minutes: readonly number[]) =>
    minutes.map((minute, index) => aFault({ zone, minute, slot: `${zone}-${index}` }));
  const marks = (...faults: readonly ReturnType<typeof aFault>[]) => marksOf(noted(emptyLedger, faults), '1.0.0');

  it('is all that fails in one zone within two minutes', () => {
    expect(incidentsIn(marks(...inZone('a', 0, 1, 2)))).toHaveLength(1);
    expect(incidentsIn(marks(...inZone('a', 0, 1, 2.1)))).toHaveLength(2);
    expect(incidentsIn(marks(...inZone('a', 0, 1), ...inZone('b', 1)))).toHaveLength(2);
  });

  it('counts once for a slot in the places of a fingerprint, and once for what fell together', () => {
    expect(placesIn(marks(...inZone('a', 0, 10, 20)))).toBe(3);
    expect(placesIn(marks(aFault({ minute: 0 }), aFault({ minute: 10 }), aFault({ minute: 20 })))).toBe(1);
    expect(placesIn(marks(...inZone('a', 0, 0.5, 1)))).toBe(1);
  });
});
