/** Faults and fleets for what is decided of them. */
import type { Fault } from '../../core/faults/fault.ts';
import type { Exposure } from '../../core/faults/ledger/exposure.ts';
import { addFault, advance } from '../../core/faults/ledger/keep-ledger.ts';
import type { Ledger } from '../../core/faults/ledger/ledger.ts';
import { emptyLedger } from '../../core/faults/ledger/ledger.ts';
import type { Build } from '../../core/service/service.ts';
import { HOUR, MINUTE, T0 } from './fixtures.ts';

export interface FaultGiven extends Partial<Omit<Fault, 'crash'>> {
  /** What the node said; '' for nothing. */
  readonly print?: string;
  readonly key?: string;
  readonly minute?: number;
}

let faults = 0;

export function aFault({ print = 'abort', key = '', minute = 0, ...over }: FaultGiven = {}): Fault {
  faults += 1;
  const at = T0 + minute * MINUTE;
  return {
    ...{ id: `i-${faults}-1`, service: 'web', version: '1.0.0', build: 'unikernel', group: 'blue', slot: 'blue-1-1' },
    ...{ instanceId: `i-${faults}`, zone: 'zone-0', attempt: 1, at, detectedAt: at, way: 'state-change', wasInFlight: false },
    crash: { crashClass: 'abort', summary: print, fingerprint: print, runtimeKey: key, platform: 'nanos', evidence: print },
    ...over,
  };
}

export interface FleetGiven {
  readonly version?: string;
  readonly build?: Build;
  readonly nodes?: number;
  readonly zones?: number;
  readonly hours?: number;
}

/** Nodes spread over zones, each so many hours old. */
export function aFleet({ version = '1.0.0', build = 'unikernel', nodes = 200, zones = 3, hours = 24 }: FleetGiven = {}) {
  return Array.from({ length: zones }, (_, zone): Exposure => {
    const there = Math.floor(nodes / zones) + (zone < nodes % zones ? 1 : 0);
    return { version, build, zone: `zone-${zone}`, nodes: there, hours: there * hours };
  });
}

/** Of a service with a month behind it, in which one of a thousand node-hours had a fault. */
export const experienced: Ledger = {
  ...emptyLedger,
  at: T0 - 24 * HOUR,
  past: { incidents: 144, hours: 144_000, prints: [{ print: 'old', at: T0 - 1000 * HOUR }] },
};

/** At T0, with these fleets. */
export const ledgerWith = (...fleets: readonly (readonly Exposure[])[]): Ledger => advance(experienced, fleets.flat(), T0);

/** The ledger when these have come one after the other, and its nodes have run on meanwhile. */
export const noted = (ledger: Ledger, all: readonly Fault[]): Ledger =>
  all.reduce((found, fault) => addFault(until(found, fault.at), fault), ledger);

export function until(ledger: Ledger, at: number): Ledger {
  const hours = Math.max(0, at - ledger.at) / HOUR;
  return advance(
    ledger,
    ledger.fleet.map((one) => ({ ...one, hours: one.nodes * hours })),
    at,
  );
}

/** So many faults, each in another slot, zone by zone, `every` minutes. */
export const spread = (count: number, every: number, given: FaultGiven = {}) =>
  Array.from({ length: count }, (_, index) =>
    aFault({ slot: `blue-1-${index}`, zone: `zone-${index % 3}`, minute: index * every, ...given }),
  );
