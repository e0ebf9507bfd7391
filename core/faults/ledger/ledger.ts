/**
 * What is remembered of a service's faults: enough to tell bad luck from a bad release, and a bad release from a bad zone.
 * Bounded, so that it is one item of the table; what falls out of it makes the ledger slower to accuse, never quicker.
 */
import type { Build } from '../../service/service.ts';

export interface Ledger {
  /** Node-hours are counted until then. */
  readonly at: number;
  /** The newest faults, oldest first. */
  readonly marks: readonly Mark[];
  /** Releases that have nodes, or had lately, oldest first. */
  readonly releases: readonly Tally[];
  readonly past: Past;
  /** Nodes there are now. */
  readonly fleet: readonly Stratum[];
}

/** A fault, as far as statistics go. */
export interface Mark {
  readonly id: string;
  readonly at: number;
  readonly version: string;
  readonly build: Build;
  /** A slot's instances are one line: what fails there again and again is that slot's business. */
  readonly slot: string;
  readonly zone: string;
  /** Fingerprint: where the service's own runtime speaks, it is the same in both builds. */
  readonly print: string;
  /** The print rests on something the node has said. One that only hung, or is gone, is like any other that did. */
  readonly isClear: boolean;
  /** Node-hours of its release when it was noted. */
  readonly hours: number;
  /** A zone failed, or what all nodes need: it does not speak against its release. */
  readonly isShared?: true;
}

export interface Tally {
  readonly version: string;
  readonly openedAt: number;
  /** Faults an hour of one of its nodes that would surprise nobody, from what was known before it. */
  readonly reference: number;
  /** As many as there were before it, at most; of those one in thirty may be one and the same. Absent in older ledgers. */
  readonly usual?: number;
  readonly hours: Readonly<Record<Build, number>>;
  /** Incidents whose marks have fallen out of the ledger. */
  readonly older: number;
  /** When the ledger first spoke against it: from then on it is no yardstick for others. */
  readonly accusedAt?: number;
}

/** Of releases that are gone. */
export interface Past {
  readonly incidents: number;
  readonly hours: number;
  /** When each fingerprint was seen first, newest last. */
  readonly prints: readonly Seen[];
}

export interface Seen {
  readonly print: string;
  readonly at: number;
}

/** Nodes that are alike in what may make them fail. */
export interface Stratum {
  readonly version: string;
  readonly build: Build;
  readonly zone: string;
  readonly nodes: number;
}

export const MOST_MARKS = 128;
/** One slot's faults count so often at most, or they would push out all others. */
export const MOST_OF_SLOT = 8;
export const MOST_RELEASES = 6;
export const MOST_PRINTS = 64;
export const MOST_STRATA = 48;

export const emptyLedger: Ledger = {
  at: 0,
  marks: [],
  releases: [],
  past: { incidents: 0, hours: 0, prints: [] },
  fleet: [],
};

export const hoursOf = ({ hours }: Pick<Tally, 'hours'>): number => hours.linux + hours.unikernel;

export const tallyOf = ({ releases }: Ledger, version: string): Tally | undefined =>
  releases.find((one) => one.version === version);

/** Of a release, those that speak against it. */
export const marksOf = ({ marks }: Ledger, version: string): readonly Mark[] =>
  marks.filter((mark) => mark.version === version && mark.isShared !== true);

export const slotsOf = (marks: readonly Mark[]): ReadonlySet<string> => new Set(marks.map(({ slot }) => slot));

export const nodesIn = (fleet: readonly Stratum[], isIn: (one: Stratum) => boolean = () => true): number =>
  fleet.reduce((sum, one) => sum + (isIn(one) ? one.nodes : 0), 0);
