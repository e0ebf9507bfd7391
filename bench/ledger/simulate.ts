/** A day of a fleet of 200 nodes, minute by minute, in which nodes fail for one reason or another. */
import type { Fault } from '../../core/faults/fault.ts';
import type { Exposure } from '../../core/faults/ledger/exposure.ts';
import type { Ledger } from '../../core/faults/ledger/ledger.ts';
import { advance } from '../../core/faults/ledger/keep-ledger.ts';
import { emptyLedger } from '../../core/faults/ledger/ledger.ts';
import type { Build } from '../../core/service/service.ts';
import { type Random, randomFrom } from '../judge/random.ts';

export const MINUTE_MS = 60_000;
export const DAY_MINUTES = 1440;
const NODES = 200;
const ZONES = ['a', 'b', 'c'];
const HOST_NODES = 7;
/** Faults of a node in an hour, while all is well. */
const RATE = 1 / 1000;
/** Of a month before. */
const PAST = { incidents: 144, hours: 144_000, prints: 20 };
/** How many of a fine release's faults nobody has seen before. */
const NEW_PRINTS = 0.2;

/** Four new faults, each as often as the ledger allows a particular one: one in thirty of what there was, at most (99 %). */
const ALIKE = (4 * 1.21) / 1.5 / 30;

export interface Strike {
  readonly minute: number;
  readonly node: number;
  /** '' where the node said nothing. */
  readonly print: string;
}

export interface Scenario {
  readonly name: string;
  /** What is right: nothing, the release, or what it stands on. */
  readonly truth: 'nothing' | 'release' | 'environment';
  readonly onset: number;
  readonly newNodes?: number;
  strikes(random: Random): readonly Strike[];
}

const background = (random: Random, times = 1): readonly Strike[] =>
  arrivals(random, times * RATE * NODES, 0).map((minute) => ({ minute, node: random.below(NODES), print: anyPrint(random) }));

function anyPrint(random: Random): string {
  if (random.next() < NEW_PRINTS) return `odd-${random.below(1e9)}`;
  return `known-${Math.floor(PAST.prints ** random.next()) - 1}`;
}

/** Minutes of events that come so often an hour. */
function arrivals(random: Random, perHour: number, from: number): readonly number[] {
  const found: number[] = [];
  for (let at = from; ;) {
    at -= (Math.log(1 - random.next()) * 60) / perHour;
    if (at >= DAY_MINUTES) return found;
    found.push(at);
  }
}

/** So many different nodes of those, within so many minutes of noon. */
function together(
  random: Random,
  nodes: readonly number[],
  { count, minutes, print }: { count: number; minutes: number; print: string },
) {
  const left = [...nodes];
  return Array.from({ length: Math.min(count, left.length) }, (): Strike => {
    const [node] = left.splice(random.below(left.length), 1);
    return { minute: NOON + random.next() * minutes, node: node!, print };
  });
}

const NOON = 720;
const all = Array.from({ length: NODES }, (_, node) => node);
export const zoneOf = (node: number) => ZONES[Math.floor(node / HOST_NODES) % ZONES.length]!;

/** `times` the usual faults in all; what comes on top is one new fault, or like what there is. */
const worse =
  (times: number, print: string | undefined, from = 0) =>
  (random: Random) => [
    ...background(random),
    ...arrivals(random, (times - 1) * RATE * NODES, from).map((minute) => ({
      minute,
      node: random.below(NODES),
      print: print ?? anyPrint(random),
    })),
  ];

const steady = { truth: 'nothing', onset: 0 } as const;
const release = { truth: 'release', onset: 0 } as const;
const environment = { truth: 'environment', onset: NOON } as const;

export const SCENARIOS: readonly Scenario[] = [
  { ...steady, name: 'as ever', strikes: (random) => background(random) },
  { ...steady, name: 'half as many again', strikes: (random) => background(random, 1.5) },
  {
    ...steady,
    name: 'as much, and as often alike, as is allowed',
    strikes: (random) =>
      background(random, 1.5).map((strike) => (random.next() < ALIKE ? { ...strike, print: `new-${random.below(4)}` } : strike)),
  },
  {
    ...steady,
    name: 'one place fails every 4 minutes',
    strikes: (random) => [
      ...background(random),
      ...arrivals(random, 15, NOON).map((minute) => ({ minute, node: 5, print: 'loop' })),
    ],
  },
  {
    ...environment,
    name: 'a zone loses 15 nodes',
    strikes: (random) => [
      ...background(random),
      ...together(
        random,
        all.filter((node) => zoneOf(node) === 'a'),
        { count: 15, minutes: 2, print: '' },
      ),
    ],
  },
  {
    ...environment,
    name: 'a host of 7 nodes dies',
    strikes: (random) => [
      ...background(random),
      ...together(random, all.slice(0, HOST_NODES), { count: 7, minutes: 0.5, print: '' }),
    ],
  },
  {
    ...environment,
    name: 'what all need is gone, 30 nodes',
    newNodes: 40,
    strikes: (random) => [...background(random), ...together(random, all, { count: 30, minutes: 5, print: '' })],
  },
  { ...release, name: '3 times, one new fault', strikes: worse(3, 'new') },
  { ...release, name: '5 times, one new fault', strikes: worse(5, 'new') },
  { ...release, name: '5 times, all kinds', strikes: worse(5, undefined) },
  { ...release, name: '10 times, from the 8th hour', onset: 480, strikes: worse(10, 'new', 480) },
  {
    ...release,
    name: 'a poisonous request, 10 nodes',
    onset: NOON,
    strikes: (random) => [...background(random), ...together(random, all, { count: 10, minutes: 3, print: 'poison' })],
  },
  { ...release, name: 'a new fault in 2000 node-hours', strikes: worse(1.5, 'new') },
];

export function dayOf(scenario: Scenario, seed: number): readonly Fault[] {
  const found = [...scenario.strikes(randomFrom(seed))].sort((a, b) => a.minute - b.minute);
  return found.map((strike, index) => toFault(scenario, strike, index));
}

const isNew = ({ newNodes = 0 }: Scenario, node: number) => node < newNodes;
const versionOf = (scenario: Scenario, node: number) => (isNew(scenario, node) ? '3.0.0' : '2.0.0');
const buildOf = (node: number): Build => (node % 20 === 0 ? 'linux' : 'unikernel');

export function toFault(scenario: Scenario, { minute, node, print }: Strike, index: number): Fault {
  const at = minute * MINUTE_MS;
  const silent = { crashClass: 'hang', summary: 'it is running', fingerprint: 'silent', runtimeKey: '', evidence: '' } as const;
  const told = { crashClass: 'abort', summary: print, fingerprint: print, runtimeKey: '', evidence: print } as const;
  return {
    ...{ id: `i-${node}-${index}`, service: 'web', version: versionOf(scenario, node), build: buildOf(node), group: 'blue' },
    ...{ slot: `blue-1-${node}`, instanceId: `i-${node}-${index}`, zone: zoneOf(node), attempt: 1, at, detectedAt: at },
    ...{
      way: 'state-change',
      wasInFlight: isNew(scenario, node),
      crash: { ...(print === '' ? silent : told), platform: 'unknown' },
    },
  };
}

/** The fleet as it is all day, for so many minutes. */
export function exposureFor(scenario: Scenario, minutes: number): readonly Exposure[] {
  const found = new Map<string, Exposure>();
  for (const node of all) {
    const one = { version: versionOf(scenario, node), build: buildOf(node), zone: zoneOf(node) };
    const key = Object.values(one).join();
    const { nodes, hours } = found.get(key) ?? { nodes: 0, hours: 0 };
    found.set(key, { ...one, nodes: nodes + 1, hours: hours + minutes / 60 });
  }
  return [...found.values()];
}

const unborn: Ledger = {
  ...emptyLedger,
  past: {
    incidents: PAST.incidents,
    hours: PAST.hours,
    prints: Array.from({ length: PAST.prints }, (_, index) => ({ print: `known-${index}`, at: -1 })),
  },
};

/** A fleet that has just been started, and a month behind it. */
export const midnight = (scenario: Scenario): Ledger => advance(unborn, exposureFor(scenario, 0), 1);
