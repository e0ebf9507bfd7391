/**
 * What is remembered of a service's past, for each build: how much groups differ that are alike, how much their counts vary,
 * how often nodes crash and of what. Learnt from the stable release's own nodes in every watch, and from releases that
 * turned out to be good. Of bounded size: one item of the table. Pure.
 */
import type { Build } from '../service/service.ts';
import { sumOf } from './sequential/counts.ts';
import { type Dispersion, dispersionOf } from './sequential/dispersion.ts';
import { type History, NO_HISTORY } from './sequential/policy.ts';

/** What is written in another form is not read: it is learnt anew. */
export const HISTORY_FORMAT = 1;

export interface ServiceHistory {
  readonly service: string;
  readonly build: Build;
  readonly format: number;
  /** The newest, oldest first. */
  readonly seasons: readonly Season[];
  /** Fingerprints of what stable releases crashed of, the newest last. */
  readonly fingerprints: readonly string[];
  readonly revision: number;
}

/** How far two groups were apart that should be alike: the logarithm of the ratio of their rates, and how unsure it is. */
export interface Shift {
  readonly log: number;
  readonly variance: number;
}

/** What one watch has told. */
export interface Season {
  /** `<version>#<fence>` of the watched release: what is told twice is remembered once. */
  readonly id: string;
  readonly version: string;
  readonly at: number;
  readonly isPassed: boolean;
  /** It became stable, which is known once the next is compared with it. */
  readonly isGood: boolean;
  /** Of the stable release's nodes in that watch. */
  readonly requests: number;
  readonly errors: number;
  readonly dispersion: Readonly<Record<string, Dispersion>>;
  /** Of how the watched release's events and theirs were split. */
  readonly spreads: Readonly<Record<string, Dispersion>>;
  /** Between halves of them. */
  readonly ownErrors?: Shift;
  /** Of the watched release against them. */
  readonly errorShift?: Shift;
  readonly latencyShift?: Shift;
  /** Of all nodes of the stable release, since the season before. */
  readonly crashes: number;
  readonly nodeHours: number;
}

const MOST_SEASONS = 20;
const MOST_FINGERPRINTS = 64;

export const noHistory = (service: string, build: Build): ServiceHistory => ({
  ...{ service, build, format: HISTORY_FORMAT, seasons: [], fingerprints: [], revision: 0 },
});

export interface News {
  readonly season: Season;
  /** What the watched release was compared with: it has turned out to be good. */
  readonly stable: string;
  readonly fingerprints: readonly string[];
}

export function learnSeason(history: ServiceHistory, { season, stable, fingerprints }: News): ServiceHistory {
  const others = history.seasons.filter(({ id }) => id !== season.id);
  const told = others.map((one) => (one.version === stable ? { ...one, isGood: true } : one));
  const known = history.fingerprints.filter((print) => !fingerprints.includes(print));
  return {
    ...history,
    seasons: [...told, season].sort((a, b) => a.at - b.at).slice(-MOST_SEASONS),
    fingerprints: [...known, ...new Set(fingerprints)].slice(-MOST_FINGERPRINTS),
  };
}

export const seasonId = ({ version, fence }: { readonly version: string; readonly fence: number }) => `${version}#${fence}`;

/** When that season's crashes and node-hours begin: where the one before it ended. */
export const beginOf = ({ seasons }: ServiceHistory, id: string): number =>
  Math.max(0, ...seasons.filter((one) => one.id !== id).map(({ at }) => at));

/** Noise beyond these is no noise, and would hide a bad release. */
const MOST_ERROR_NOISE = 0.35;
const MOST_LATENCY_NOISE = 0.1;
const MOST_DISPERSION = 10;
const MOST_SPREAD = 100;

export interface Judged {
  /** Of the release that is judged: what it has told itself is not what it is judged by, or a repeated step would judge anew. */
  readonly id: string;
  /** What it is compared with: its own watch is known to have been of a good release. */
  readonly stable: string;
}

/** What the judge takes from it. */
export function historyFrom({ seasons: all, fingerprints }: ServiceHistory, { id: own, stable }: Judged): History | undefined {
  const seasons = all.filter(({ id }) => id !== own);
  if (seasons.length === 0) return undefined;
  const good = seasons.filter(({ isPassed, isGood, version }) => isPassed && (isGood || version === stable));
  const ownErrors = seasons.flatMap((season) => season.ownErrors ?? []);
  const requests = sumOf(seasons, (season) => season.requests);
  const errors = sumOf(seasons, (season) => season.errors);
  return {
    crashes: sumOf(seasons, (season) => season.crashes),
    nodeHours: sumOf(seasons, (season) => season.nodeHours),
    knownFingerprints: fingerprints,
    errorNoise: noiseIn([...ownErrors, ...good.flatMap(({ errorShift }) => errorShift ?? [])], {
      usual: NO_HISTORY.errorNoise,
      most: MOST_ERROR_NOISE,
    }),
    latencyNoise: noiseIn(
      good.flatMap(({ latencyShift }) => latencyShift ?? []),
      { usual: NO_HISTORY.latencyNoise, most: MOST_LATENCY_NOISE },
    ),
    errorRate: requests === 0 ? NO_HISTORY.errorRate : (errors + 0.5) / (requests + 1),
    dispersion: largest(
      dispersionsIn(
        seasons.map(({ dispersion }) => dispersion),
        MOST_DISPERSION,
      ),
      dispersionsIn(
        good.map(({ spreads }) => spreads),
        MOST_SPREAD,
      ),
    ),
  };
}

/** Median of the square of a standard normal variable. */
const MEDIAN_SQUARE = 0.455;
/** Two groups that differ as usual are as good as seen: one odd release widens no margin. */
const AS_USUAL = 2;
/** What is as unsure as this tells nothing of noise: it is a fifth either way. */
const MOST_VARIANCE = 0.04;

/** A median, as a release that was meant to be better is an outlier. It is never below what is usual. */
function noiseIn(shifts: readonly Shift[], { usual, most }: { readonly usual: number; readonly most: number }): number {
  const sure = shifts.filter(({ variance }) => variance <= MOST_VARIANCE);
  const known = Array.from({ length: AS_USUAL }, () => MEDIAN_SQUARE * usual ** 2);
  const squares = [...known, ...sure.map(({ log, variance }) => Math.max(0, log ** 2 - MEDIAN_SQUARE * variance))];
  const noise = Math.sqrt(median(squares) / MEDIAN_SQUARE);
  return Math.min(most, Math.max(usual, noise));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

type ByTest<Value> = Readonly<Record<string, Value>>;

function dispersionsIn(told: readonly ByTest<Dispersion>[], most: number): ByTest<number> {
  const of = (test: string): number => {
    const known = told.flatMap((one) => one[test] ?? []);
    const all = { chiSquare: sumOf(known, (one) => one.chiSquare), degrees: sumOf(known, (one) => one.degrees) };
    return Math.min(most, dispersionOf(all));
  };
  return Object.fromEntries([...new Set(told.flatMap((one) => Object.keys(one)))].map((test) => [test, of(test)]));
}

const largest = (one: ByTest<number>, other: ByTest<number>): ByTest<number> =>
  Object.fromEntries(
    [...Object.keys(one), ...Object.keys(other)].map((test) => [test, Math.max(one[test] ?? 1, other[test] ?? 1)]),
  );
