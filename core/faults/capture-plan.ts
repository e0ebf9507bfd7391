/**
 * How long until a fault that unikernels show is caught on an instrumented Linux node; and what it takes to catch it sooner.
 * Faults are taken to come independently of each other (Poisson); "in time" means in 19 of 20 cases.
 */
import { poissonTail } from '../judgement/sequential/distributions.ts';

/** In so many cases a capture comes later than is said. */
const MISSED = 0.05;

/** Faults that must be to be expected, so that at least `captures` come in 19 of 20 cases: 3.00, 4.74, 6.30 for 1, 2, 3. */
export function faultsNeeded(captures: number): number {
  let [low, high] = [0, captures + 10 * Math.sqrt(captures) + 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (poissonTail(captures, middle) < 1 - MISSED) low = middle;
    else high = middle;
  }
  return high;
}

export interface Hunt {
  /** Of a request, to meet the fault. */
  readonly faultProbability: number;
  readonly requestsPerSecond: number;
  /** That it comes on the Linux build at all where it comes on the other. */
  readonly reproduction?: number;
  readonly captures?: number;
}

/** With such a share of the requests on instrumented nodes. Infinity: never. */
export function secondsToCapture(hunt: Hunt, share: number): number {
  const perSecond = ratePerSecond(hunt) * share;
  return perSecond === 0 ? Infinity : faultsNeeded(hunt.captures ?? 1) / perSecond;
}

/** The share of the requests it takes. Above 1: it cannot be done in that time. */
export function shareToCapture(hunt: Hunt, seconds: number): number {
  const inTime = ratePerSecond(hunt) * seconds;
  return inTime === 0 ? Infinity : faultsNeeded(hunt.captures ?? 1) / inTime;
}

const ratePerSecond = ({ faultProbability, requestsPerSecond, reproduction = 1 }: Hunt) =>
  faultProbability * requestsPerSecond * reproduction;

/** Instrumented nodes for that share, each good for so many requests a second. */
export const nodesToCapture = (share: number, requestsPerSecond: number, perNode: number): number =>
  Math.ceil((share * requestsPerSecond) / perNode - 1e-9);

/** A fault that depends on time and not on requests. */
export const hoursToCapture = (perNodeHour: number, nodes: number, captures = 1): number =>
  perNodeHour * nodes === 0 ? Infinity : faultsNeeded(captures) / (perNodeHour * nodes);

/** Seen so many times among so many requests, or in so many node-hours, on the other build. */
export interface Seen {
  readonly times: number;
  readonly among: number;
}

/**
 * How many more it takes on Linux, where nothing but that is known of the fault's rate. Three times the mean distance
 * would be too few: the rate may be less than it looks.
 */
export const exposureToCapture = ({ times, among }: Seen): number => among * (MISSED ** (-1 / times) - 1);

/** What is left of the odds that the fault comes on Linux as well, after so much on Linux without it. */
export const oddsOfLinux = ({ times, among }: Seen, without: number): number => (among / (among + without)) ** times;

/** "a 1e-6 fault would show up on a Linux node within 17 h" */
export function sayCapture(hunt: Hunt, share: number): string {
  const fault = `a ${sayProbability(hunt.faultProbability)} fault`;
  const seconds = secondsToCapture(hunt, share);
  if (!Number.isFinite(seconds)) return `${fault} would never show up on a Linux node: none of the requests go there`;
  return `${fault} would show up on a Linux node within ${sayDuration(seconds)}`;
}

const sayProbability = (value: number) => value.toExponential(2).replace(/\.?0*e/, 'e');

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** In the largest unit of which there are more than two, rounded up: what is said to be long enough is. */
export function sayDuration(seconds: number): string {
  const [unit, length] = UNITS.find(([, size]) => seconds >= 2 * size) ?? ['s', 1];
  return `${Math.max(1, Math.ceil(seconds / length - 1e-9))} ${unit}`;
}
