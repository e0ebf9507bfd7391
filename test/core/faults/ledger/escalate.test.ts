/** What each kind of failing leads to: the ladder, rung by rung. */
import { describe, expect, it } from 'vitest';
import { escalate } from '../../../../core/faults/escalate.ts';
import type { EscalationKind, Fault } from '../../../../core/faults/fault.ts';
import { addFault, advance } from '../../../../core/faults/ledger/keep-ledger.ts';
import type { Ledger } from '../../../../core/faults/ledger/ledger.ts';
import { emptyLedger } from '../../../../core/faults/ledger/ledger.ts';
import { MINUTE, T0 } from '../../../fakes/fixtures.ts';
import { aFault, aFleet, experienced, ledgerWith, noted, spread, until } from '../../../fakes/ledger.ts';

/** What is said about the last of these at once. */
function atOnce(ledger: Ledger, faults: readonly Fault[]) {
  const last = faults.at(-1)!;
  return escalate(until(noted(ledger, faults.slice(0, -1)), last.at), last, last.at);
}

/** And what is done about it, when nothing else fails meanwhile. */
function ladder(ledger: Ledger, faults: readonly Fault[]) {
  const said = atOnce(ledger, faults);
  return said.kind === 'hold' ? escalate(noted(ledger, faults), faults.at(-1)!, said.until!) : said;
}

/** What is done about each, in turn. */
const kinds = (ledger: Ledger, faults: readonly Fault[]): readonly EscalationKind[] =>
  faults.map((_, index) => ladder(ledger, faults.slice(0, index + 1)).kind);

const fleet = ledgerWith(aFleet());

describe('a fault that stands alone', () => {
  it('is replaced silently, and the reason says how many there were', () => {
    const said = ladder(fleet, [aFault()]);
    expect(said).toEqual({
      kind: 'replace',
      why: 'nothing like it has come lately; 1.0.0 has had 1 fault(s) in 4800 node-hours',
    });
  });

  it('is replaced silently a hundred times, if they come as seldom as ever', () => {
    let ledger = fleet;
    for (let n = 1; n <= 100; n++) {
      const fault = aFault({
        slot: `blue-1-${(n * 37) % 200}`,
        zone: `zone-${n % 3}`,
        minute: n * 300,
        print: n % 2 ? 'old' : `odd-${n}`,
      });
      ledger = advance(ledger, aFleet({ hours: 5 }), fault.at);
      expect(escalate(ledger, fault, fault.at).kind).toBe('replace');
      ledger = addFault(ledger, fault);
    }
  });

  it('says nothing about anything where an operator has ordered it', () => {
    expect(kinds(fleet, spread(9, 1, { way: 'operator' }))).toEqual(Array.from({ length: 9 }, () => 'replace'));
  });

  it('is decided alike, whether the ledger has it already or not', () => {
    const faults = spread(4, 1, { print: 'new' });
    const last = faults.at(-1)!;
    expect(escalate(noted(fleet, faults), last, last.at)).toEqual(atOnce(fleet, faults));
  });
});

describe('the same fault in another place', () => {
  it('gives the slot a Linux twin', () => {
    expect(ladder(fleet, spread(2, 10))).toEqual({ kind: 'replace-with-twin', why: 'fingerprint abort has come again' });
  });

  it('gives none where it is a Linux node that fails', () => {
    expect(ladder(fleet, spread(2, 10, { build: 'linux' })).kind).toBe('replace');
  });

  it('gives one however much later it comes, where it is new with the release', () => {
    expect(ladder(fleet, spread(2, 10 * 24 * 60)).kind).toBe('replace-with-twin');
    expect(ladder(fleet, [aFault({ version: '0.9.0' }), aFault({ slot: 'x', minute: 31 })]).kind).toBe('replace');
  });

  it('gives one within half an hour only, where there always was one like it now and then, or where nodes say nothing', () => {
    for (const print of ['old', '']) {
      expect(ladder(fleet, spread(2, 29, { print })).kind).toBe('replace-with-twin');
      expect(ladder(fleet, spread(2, 31, { print })).kind).toBe('replace');
    }
  });

  it('takes the release back the third time, also where nothing is known of the fleet', () => {
    const why = '3 nodes of 1.0.0 failed alike';
    expect(ladder(emptyLedger, spread(3, 8))).toEqual({ kind: 'roll-back', why });
  });
});

describe('a place that fails again and again', () => {
  const loop = (slot: string, from = 0) =>
    Array.from({ length: 6 }, (_, n) => aFault({ slot, minute: from + n, print: `${slot}${n}` }));

  it('is its own business, for which a person is called the third time in a quarter of an hour', () => {
    expect(kinds(fleet, loop('blue-1-1')).slice(0, 3)).toEqual(['replace', 'replace', 'page']);
    expect(ladder(fleet, loop('blue-1-1'))).toEqual({
      kind: 'page',
      about: 'slot blue-1-1',
      why: '6 nodes in a row failed in slot blue-1-1 within 15 minutes',
    });
    const slow = Array.from({ length: 6 }, (_, n) => aFault({ minute: n * 8, print: `${n}` }));
    expect(kinds(fleet, slow)).toEqual(slow.map(() => 'replace'));
  });

  it('gets the Linux twin first where it fails alike, and a person is called when that fails too', () => {
    const alike = [0, 2, 4].map((minute) => aFault({ minute, build: minute < 4 ? 'unikernel' : 'linux' }));
    expect(kinds(fleet, alike)).toEqual(['replace', 'replace-with-twin', 'page']);
    const never = alike.map((fault) => ({ ...fault, build: 'unikernel' as const }));
    expect(ladder(fleet, never)).toMatchObject({ kind: 'replace-with-twin', about: 'slot blue-1-1' });
  });

  it('never speaks against its release, however long it goes on', () => {
    const days = Array.from({ length: 300 }, (_, n) => aFault({ slot: 'blue-1-1', minute: n * 5, print: `one-${n}` }));
    const others = spread(2, 700, { print: 'odd' });
    expect(ladder(noted(fleet, days), others).kind).toBe('replace-with-twin');
  });

  it('speaks against its release when there are two', () => {
    const said = ladder(fleet, [...loop('blue-1-1'), ...loop('blue-1-2', 6)]);
    expect(said).toEqual({ kind: 'roll-back', why: 'nodes of 1.0.0 fail again and again in 2 places' });
  });
});

describe('a release that is at fault', () => {
  it('is taken back for faults that are too many for it, all of other kinds', () => {
    const faults = Array.from({ length: 30 }, (_, n) =>
      aFault({ slot: `b-${n}`, zone: `zone-${n % 3}`, minute: n * 45, print: `odd-${n}` }),
    );
    const found = kinds(ledgerWith(aFleet({ hours: 1 })), faults);
    expect(found.indexOf('roll-back')).toBeGreaterThan(2);
    expect(found.indexOf('roll-back')).toBeLessThan(15);
    expect(ladder(ledgerWith(aFleet({ hours: 1 })), faults).why).toMatch(
      /30 faults of 1\.0\.0 in 30 places, where it is allowed 7/,
    );
  });

  it('is taken back for one new fault that comes up here and there, hours apart; but not for one that is old', () => {
    const at = (print: string) => kinds(fleet, spread(5, 90, { print })).indexOf('roll-back');
    expect(at('new')).toBeGreaterThan(1);
    expect(at('new')).toBeLessThan(5);
    expect(at('old')).toBe(-1);
  });

  it('is taken back when its nodes fail at once in several zones, though each says something else', () => {
    const faults = Array.from({ length: 5 }, (_, n) =>
      aFault({ slot: `b-${n}`, zone: `zone-${n % 2}`, minute: n / 4, print: `${n}` }),
    );
    expect(ladder(fleet, faults)).toEqual({ kind: 'roll-back', why: '5 nodes of 1.0.0 failed within 2 minutes' });
    expect(ladder(fleet, faults.slice(0, 3)).kind).toBe('page');
  });

  it('is told from its predecessor, whose many nodes are spared', () => {
    const both = ledgerWith(aFleet(), aFleet({ version: '2.0.0', nodes: 20, hours: 1 }));
    const faults = spread(4, 1, { version: '2.0.0', print: '' });
    expect(ladder(both, faults).kind).toBe('roll-back');
  });

  it('is taken back on suspicion while it is in flight; a stable one is not, where it may be what all nodes need', () => {
    const small = ledgerWith(aFleet({ nodes: 3 }), aFleet({ version: '2.0.0', nodes: 4, hours: 1 }));
    const silent = (wasInFlight: boolean) => spread(3, 1, { version: '2.0.0', print: '', wasInFlight });
    expect(ladder(small, silent(true))).toEqual({ kind: 'roll-back', why: '3 nodes of 2.0.0 failed alike' });
    expect(ladder(small, silent(false))).toMatchObject({ kind: 'page', why: expect.stringContaining('or what all') as string });
  });

  it('is not held to what only fails in small numbers: two nodes are no cluster', () => {
    const young = ledgerWith(aFleet(), aFleet({ version: '2.0.0', nodes: 2, hours: 0.1 }));
    const faults = [
      aFault({ version: '2.0.0', print: 'a' }),
      aFault({ version: '2.0.0', slot: 'x', zone: 'zone-1', print: 'b' }),
    ];
    expect(ladder(young, faults).kind).toBe('replace');
  });
});

describe('what releases have in common', () => {
  const inZone = (count: number, given: Partial<Fault> & { print?: string } = {}) =>
    Array.from({ length: count }, (_, n) => aFault({ slot: `a-${n}`, zone: 'zone-1', minute: n / 5, print: '', ...given }));

  it('is paged where one zone fails, and the release stays', () => {
    const found = kinds(fleet, inZone(15));
    expect(found).not.toContain('roll-back');
    expect(ladder(fleet, inZone(15))).toEqual({
      kind: 'page',
      why: '15 nodes failed within 10 minutes, and it is zone-1 that fails',
    });
  });

  it('leaves a zone that failed out of what the release is held to, and who fails elsewhere at the time out of the zone', () => {
    const after = noted(fleet, inZone(15));
    expect(after.marks.every(({ isShared }) => isShared)).toBe(true);
    expect(ladder(after, [aFault({ zone: 'zone-2', slot: 'c-1', minute: 2 })]).kind).toBe('replace');
    expect(ladder(after, [aFault({ zone: 'zone-1', slot: 'a-99', minute: 50, print: 'odd' })]).kind).toBe('replace');
  });

  it('stays the zone when another of its nodes follows some minutes later', () => {
    const follower = aFault({ zone: 'zone-1', slot: 'a-99', minute: 9, print: '' });
    expect(ladder(fleet, [...inZone(8), follower]).why).toContain('it is zone-1 that fails');
  });

  it('is no zone where the same failure comes up in another as well, be it once', () => {
    const elsewhere = aFault({ zone: 'zone-2', slot: 'c-1', minute: 0.5, print: 'poison' });
    const faults = [...inZone(6, { print: 'poison' }), elsewhere];
    expect(ladder(fleet, faults).kind).toBe('roll-back');
  });

  it('takes back what it said of a zone when the same comes up in others', () => {
    const zone = inZone(5, { print: 'poison' });
    expect(noted(fleet, zone).marks.some(({ isShared }) => isShared)).toBe(true);
    const others = ['zone-0', 'zone-2'].flatMap((name) =>
      Array.from({ length: 4 }, (_, n) => aFault({ slot: `${name}-${n}`, zone: name, minute: 1 + n / 5, print: 'poison' })),
    );
    const after = noted(fleet, [...zone, ...others]);
    expect(after.marks.some(({ isShared }) => isShared)).toBe(false);
    expect(ladder(noted(fleet, zone), others).kind).toBe('roll-back');
  });

  it('is paged as one or the other where three fail in one zone, which may be chance', () => {
    expect(ladder(fleet, inZone(3)).why).toBe(
      '3 nodes failed within 2 minutes, all in zone-1: it is that zone, or their release',
    );
  });

  it('is the release where that has nodes in one zone only', () => {
    const both = ledgerWith(aFleet(), aFleet({ version: '2.0.0', nodes: 6, zones: 1, hours: 1 }));
    const faults = Array.from({ length: 4 }, (_, n) => aFault({ version: '2.0.0', slot: `n-${n}`, minute: n / 5, print: '' }));
    expect(ladder(both, faults).kind).toBe('roll-back');
  });

  it('is paged where nodes of both releases fail at once', () => {
    const both = ledgerWith(aFleet({ nodes: 100 }), aFleet({ version: '2.0.0', nodes: 100 }));
    const faults = Array.from({ length: 12 }, (_, n) =>
      aFault({ version: n % 2 ? '1.0.0' : '2.0.0', slot: `n-${n}`, zone: `zone-${n % 3}`, minute: n / 5, print: '' }),
    );
    expect(kinds(both, faults)).not.toContain('roll-back');
    expect(ladder(both, faults)).toMatchObject({ kind: 'page', why: expect.stringContaining('more than one release') as string });
  });

  it('is no reason to take a release back for what is mostly the other one’s', () => {
    const both = ledgerWith(aFleet({ nodes: 100 }), aFleet({ version: '2.0.0', nodes: 100 }));
    const old = spread(6, 0.2, { print: 'poison' });
    const fresh = aFault({ version: '2.0.0', slot: 'n-1', minute: 1.2, print: 'other', wasInFlight: true });
    expect(ladder(both, [...old, fresh]).kind).toBe('replace');
  });

  it('is paged where too few of a new release fail among others to say that it is that', () => {
    const both = ledgerWith(aFleet({ nodes: 160 }), aFleet({ version: '2.0.0', nodes: 40 }));
    const faults = ['2.0.0', '1.0.0', '2.0.0'].map((version, n) =>
      aFault({ version, slot: `n-${n}`, zone: `zone-${n}`, minute: n / 5, print: '', wasInFlight: version === '2.0.0' }),
    );
    expect(ladder(both, faults).kind).toBe('page');
  });

  it('is paged where as many of the old release fail as could be all its own by chance', () => {
    const both = ledgerWith(aFleet({ nodes: 160 }), aFleet({ version: '2.0.0', nodes: 40 }));
    const silent = (count: number) =>
      Array.from({ length: count }, (_, n) => aFault({ slot: `n-${n}`, zone: `zone-${n % 3}`, minute: n / 15, print: '' }));
    expect(ladder(both, silent(19)).why).toContain('or what all nodes need');
    expect(ladder(both, silent(26)).kind).toBe('roll-back');
  });

  it('is not made the old release’s by two failures among many that are alike', () => {
    const both = ledgerWith(aFleet({ nodes: 188 }), aFleet({ version: '2.0.0', nodes: 12 }));
    const outage = Array.from({ length: 30 }, (_, n) =>
      aFault({ slot: `n-${n}`, zone: `zone-${n % 3}`, minute: n / 6, print: '' }),
    );
    const alike = [60, 120].map((minute) => aFault({ slot: `m-${minute}`, minute, print: 'old' }));
    expect(ladder(both, [...outage, ...alike]).kind).not.toBe('roll-back');
  });

  it('is paged where nodes of both releases fail alike, at any rate', () => {
    const faults = ['1.0.0', '2.0.0', '2.0.0'].map((version, n) => aFault({ version, slot: `n-${n}`, minute: n * 9 }));
    expect(ladder(emptyLedger, faults)).toEqual({ kind: 'page', why: 'nodes of 1.0.0 and 2.0.0 fail alike' });
    const silent = ['1.0.0', '2.0.0', '2.0.0', '2.0.0'].map((version, n) =>
      aFault({ version, slot: `n-${n}`, minute: n * 5, print: '' }),
    );
    expect(ladder(emptyLedger, silent).kind).toBe('roll-back');
    expect(ladder(emptyLedger, [aFault({ slot: 'n-9', print: '' }), ...silent]).kind).toBe('page');
  });

  it('is paged where nodes of both builds of the only release fail at once, each in its own way', () => {
    const both = ledgerWith(aFleet(), aFleet({ build: 'linux', nodes: 20 }));
    const faults = (linux: string) =>
      Array.from({ length: 8 }, (_, n) => {
        const isLinux = n % 2 === 1;
        const print = isLinux ? linux : 'unikernel';
        return aFault({ build: isLinux ? 'linux' : 'unikernel', slot: `n-${n}`, zone: `zone-${n % 3}`, minute: n / 5, print });
      });
    expect(ladder(both, faults('linux')).why).toContain('both builds');
    expect(ladder(both, faults('unikernel')).kind).toBe('roll-back');
  });
});

describe('a cluster that has just begun', () => {
  const poison = (count: number, given: Partial<Fault> = {}) =>
    Array.from({ length: count }, (_, n) => aFault({ slot: `a-${n}`, zone: 'zone-1', minute: n / 5, print: '', ...given }));
  const other = (n: number) => aFault({ slot: `b-${n}`, zone: `zone-${n % 3}`, minute: 1 + n / 5, print: '' });

  it('is held until its first failure is three minutes old, where more may tell what it comes of', () => {
    const said = atOnce(fleet, poison(3));
    expect(said).toMatchObject({ kind: 'hold', until: T0 + 3 * MINUTE });
    expect(said.why).toContain('it is that zone, or their release; that may turn out otherwise');
  });

  it('is then decided by all that has failed since', () => {
    const third = poison(3).at(-1)!;
    const zone = noted(fleet, [...poison(2), third, ...poison(9).slice(3)]);
    expect(escalate(zone, third, T0 + 3 * MINUTE).why).toContain('it is zone-1 that fails');
    const everywhere = noted(fleet, [...poison(2), third, ...[0, 1, 2, 3, 4, 5].map(other)]);
    expect(escalate(everywhere, third, T0 + 3 * MINUTE).kind).toBe('roll-back');
  });

  it('is not held where it is plain, where the release is in flight, or where it did not come suddenly', () => {
    expect(atOnce(fleet, poison(15)).kind).toBe('page');
    expect(atOnce(fleet, spread(3, 0.2, { wasInFlight: true })).kind).toBe('roll-back');
    expect(atOnce(fleet, spread(3, 0.2)).kind).toBe('hold');
    expect(atOnce(fleet, spread(3, 5)).kind).toBe('roll-back');
  });

  it('is held in flight as well, where so few may be all of that release by chance', () => {
    const beside = (nodes: number) => ledgerWith(aFleet({ nodes: 200 - nodes }), aFleet({ version: '2.0.0', nodes }));
    const silent = (count: number) => spread(count, 0.2, { version: '2.0.0', print: '', wasInFlight: true });
    expect(atOnce(beside(20), silent(3)).kind).toBe('roll-back');
    expect(atOnce(beside(40), silent(3)).kind).toBe('hold');
    expect(atOnce(beside(40), silent(4)).kind).toBe('roll-back');
    expect(atOnce(beside(100), silent(7)).kind).toBe('hold');
    expect(ladder(beside(100), silent(7)).kind).toBe('roll-back');
    const clear = spread(3, 0.2, { version: '2.0.0', print: 'new', wasInFlight: true });
    expect(atOnce(beside(100), clear).kind).toBe('roll-back');
    expect(atOnce(beside(200), silent(3)).kind).toBe('roll-back');
  });
});

describe('with a ledger that is new to the service', () => {
  it('does not hold a small fleet to numbers nobody knows yet', () => {
    const shop = advance(
      emptyLedger,
      [aFleet({ nodes: 3, hours: 4 }), aFleet({ nodes: 1, build: 'linux', zones: 1 })].flat(),
      T0,
    );
    const faults = [aFault({ print: 'a' }), aFault({ slot: 's-2', zone: 'zone-1', print: 'b', at: T0 + 70 * MINUTE })];
    expect(ladder(shop, faults).kind).toBe('replace');
    expect(experienced.releases).toEqual([]);
  });
});
