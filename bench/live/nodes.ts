/**
 * The Linux nodes of a watched release and of its baseline, minute by minute: one interval of a simulated trace is one
 * minute. A node that crashes is replaced as remediation does it; meanwhile another answers for it, and its successor is cold.
 */
import type { FaultWay } from '../../core/faults/fault.ts';
import type { Condemned, NodeHealth, Slot } from '../../core/fleet/fleet.ts';
import type { NodesPorts } from '../../core/judgement/look-at-nodes.ts';
import type { Trace } from '../../core/judgement/trace/trace.ts';
import type { FaultRecord } from '../../core/remediation/ports.ts';
import { MINUTE, slot } from '../../test/fakes/fixtures.ts';
import { aFault } from '../../test/fakes/ledger.ts';
import { type Minute, nodeMinute, together } from './minute.ts';

export type NodeGroup = 'canary' | 'baseline';
export const NODE_GROUPS: readonly NodeGroup[] = ['canary', 'baseline'];

export interface Cast {
  readonly versions: Readonly<Record<NodeGroup, string>>;
  readonly trace: Trace;
  /** The same release on other nodes: of these are the successors of those that fail. */
  readonly spare: Trace;
  /** When minute 0 begins. */
  readonly start: number;
}

interface Place {
  readonly group: NodeGroup;
  readonly index: number;
  readonly attempt: number;
  /** In which minute its instance began to serve. */
  readonly upFrom: number;
  readonly failures: readonly Failure[];
}

interface Failure {
  readonly attempt: number;
  readonly at: number;
  readonly way: FaultWay;
  readonly print: string;
}

export const PLACES = 4;
const COLD_MINUTES = 3;
/** Until a successor serves, and until a failure's evidence has been read. */
const BOOT_MINUTES = 2;
const RECORDED_MS = 90_000;

const instanceOf = ({ group, index }: Place, attempt: number) => `i-${group}-${index}-${attempt}`;

export class LiveNodes implements NodesPorts {
  private readonly cast: Cast;
  private places: readonly Place[];
  /** Minutes that are over. */
  private over = 0;
  private now: number;

  constructor(cast: Cast) {
    this.cast = cast;
    this.now = cast.start;
    this.places = NODE_GROUPS.flatMap((group) =>
      Array.from({ length: PLACES }, (_, index) => ({ group, index, attempt: 1, upFrom: 0, failures: [] })),
    );
  }

  /** What each instance did in the minutes that are over now and were not before. */
  advance(now: number): readonly { readonly minute: number; readonly of: ReadonlyMap<NodeGroup, ReadonlyMap<string, Minute>> }[] {
    this.now = now;
    const last = Math.floor((now - this.cast.start) / MINUTE);
    return Array.from({ length: Math.max(0, last - this.over) }, () => {
      const minute = this.over++;
      return { minute, of: new Map(NODE_GROUPS.map((group) => [group, this.live(group, minute)])) };
    });
  }

  /** The judge has found out one that serves. */
  replace(instanceId: string): void {
    const minute = Math.floor((this.now - this.cast.start) / MINUTE);
    const isIt = (place: Place) => instanceOf(place, place.attempt) === instanceId;
    this.fail(isIt, { minute, at: this.now, way: 'judge', print: 'judge' });
  }

  private live(group: NodeGroup, minute: number): ReadonlyMap<string, Minute> {
    const all = this.places.filter((place) => place.group === group);
    const told = all.flatMap((place) => {
      const counts = this.countsOf(place, minute);
      return counts ? [{ place, own: nodeMinute(counts, place.index), crashes: counts.crashes[place.index] ?? 0, counts }] : [];
    });
    const up = told.filter(({ place }) => place.upFrom <= minute);
    const down = told.filter(({ place }) => place.upFrom > minute);
    for (const { place, crashes, counts } of up) {
      if (crashes === 0) continue;
      const [print = 'unknown'] = Object.entries(counts.fingerprints).find(([id]) => id.endsWith(`-${place.index}`))?.[1] ?? [];
      const at = this.cast.start + (minute + 0.5) * MINUTE;
      this.fail((one) => one === place, { minute, at, way: 'state-change', print });
    }
    return new Map(
      up.map(({ place, own }, order) => {
        const others = down.filter((_, index) => index % up.length === order).map((one) => one.own);
        return [instanceOf(place, place.attempt), together([own, ...others])];
      }),
    );
  }

  private countsOf({ group, attempt, upFrom }: Place, minute: number) {
    const { data } = attempt === 1 ? this.cast.trace : this.cast.spare;
    const age = minute - upFrom;
    const isCold = attempt > 1 && age >= 0 && age < COLD_MINUTES;
    return data[(isCold ? age : minute) % data.length]?.[group];
  }

  private fail(
    isIt: (place: Place) => boolean,
    { minute, ...how }: Omit<Failure, 'attempt'> & { readonly minute: number },
  ): void {
    this.places = this.places.map((place) =>
      isIt(place)
        ? {
            ...place,
            attempt: place.attempt + 1,
            upFrom: minute + 1 + BOOT_MINUTES,
            failures: [...place.failures, { ...how, attempt: place.attempt }],
          }
        : place,
    );
  }

  private isUp = ({ upFrom }: Place) => this.cast.start + upFrom * MINUTE <= this.now;

  readonly slots = {
    list: (): Promise<readonly Slot[]> =>
      Promise.resolve(
        this.places.map((place) => {
          const { group, index, attempt, failures } = place;
          const version = this.cast.versions[group];
          return slot({
            ...{ id: `${group}-1-${index}`, group, build: 'linux', version, attempt, recordedAt: this.cast.start - 5 * MINUTE },
            instanceId: instanceOf(place, attempt),
            ...(this.isUp(place) && { healthyAt: this.cast.start - 3 * MINUTE }),
            condemned: this.isUp(place) ? [] : failures.slice(-1).map((failure) => condemnedBy(place, failure)),
          });
        }),
      ),
  };

  readonly groups = {
    health: (_: unknown, group: string): Promise<readonly NodeHealth[]> =>
      Promise.resolve(
        this.places
          .filter((place) => place.group === group && this.isUp(place))
          .map((place) => ({ instanceId: instanceOf(place, place.attempt), state: 'healthy' })),
      ),
  };

  readonly faults = {
    list: (_: unknown, since: number): Promise<readonly FaultRecord[]> =>
      Promise.resolve(
        this.places.flatMap((place) =>
          place.failures
            .filter(({ at }) => at >= since && at + RECORDED_MS <= this.now)
            .map((failure) => faultOf(place, failure, this.cast.versions[place.group])),
        ),
      ),
  };
}

const faultIdOf = (place: Place, { attempt }: Failure) => `${instanceOf(place, attempt)}-${attempt}`;

const condemnedBy = (place: Place, failure: Failure): Condemned => ({
  ...{ faultId: faultIdOf(place, failure), instanceId: instanceOf(place, failure.attempt), attempt: failure.attempt },
  ...{ build: 'linux', zone: 'zone-0', at: failure.at, detectedAt: failure.at, way: failure.way, why: 'it is off' },
  ...{ isHung: false, wasHealthy: true, wasInFlight: place.group === 'canary', isSampled: false, run: 1 },
});

const faultOf = (place: Place, failure: Failure, version: string): FaultRecord => ({
  ...aFault({ print: failure.print, way: failure.way, build: 'linux', group: place.group, version, at: failure.at }),
  ...{ id: faultIdOf(place, failure), instanceId: instanceOf(place, failure.attempt), attempt: failure.attempt },
  ...{ escalation: { kind: 'replace', why: '' }, evidence: { captured: 0, missed: 0 }, isFinal: true },
  ...{ replacement: { build: 'linux' }, notified: true, revision: 1 },
});
