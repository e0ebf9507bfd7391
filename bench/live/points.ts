/** Minutes as CloudWatch tells of them: a point comes late, sometimes in two parts, and now and then not at all. */
import type { OwnMinute } from '../../core/judgement/judgement.ts';
import type { GroupMetrics, GroupQuery, Metrics, MinuteCounts, Span } from '../../core/judgement/ports.ts';
import { countOf, mergeRows } from '../../core/judgement/trace/histogram.ts';
import type { Group, Service } from '../../core/service/service.ts';
import { MINUTE } from '../../test/fakes/fixtures.ts';
import type { Random } from '../judge/random.ts';
import { quantileOf, slowerThan } from './latencies.ts';
import { type Minute, shareOf, together } from './minute.ts';

interface Told {
  readonly at: number;
  /** When it is there as a whole; until then from half a minute on a part of it. */
  readonly wholeAt: number;
  readonly part: number;
  readonly minute: Minute;
  readonly nodes: readonly { readonly id: string; readonly tellsAt: number; readonly minute: Minute }[];
}

/** Of what is published, so much comes late, so much in two parts, and so much never. */
const [LATE, PARTED, LOST] = [0.05, 0.05, 0.01];
const FIRST_MS = 20_000;
/** The supervisor tries again for a quarter of an hour. */
const LATEST_MS = 900_000;

/** `own`: what single nodes publish. */
export type Publishes = 'nothing' | 'counts' | 'counts and latency';

export class LatePoints implements Metrics {
  private readonly told = new Map<Group, Told[]>();
  private readonly random: Random;
  private readonly publishes: Publishes;
  now = 0;

  constructor(random: Random, publishes: Publishes) {
    this.random = random;
    this.publishes = publishes;
  }

  add(group: Group, at: number, minutes: ReadonlyMap<string, Minute>): void {
    if (minutes.size === 0 || this.random.next() < LOST) return;
    const { random } = this;
    const over = at + MINUTE;
    const own = this.publishes === 'nothing' ? [] : [...minutes].filter(() => random.next() >= LOST);
    const told: Told = {
      at,
      wholeAt: over + FIRST_MS + 1000 * random.between(0, random.next() < LATE ? 280 : 60),
      part: random.next() < PARTED ? 0.5 : 0,
      minute: together([...minutes.values()]),
      nodes: own.map(([id, minute]) => {
        const latest = random.next() < LATE ? LATEST_MS : FIRST_MS;
        return { id, minute, tellsAt: over + random.between(1000, latest) };
      }),
    };
    this.told.set(group, [...(this.told.get(group) ?? []), told]);
  }

  read(_service: Service, groups: readonly GroupQuery[], span: Span): Promise<readonly GroupMetrics[]> {
    return Promise.resolve(
      groups.map((query) => ({
        group: query.group,
        minutes: this.within(query.group, span).flatMap((one) => this.toMinute(one, query)),
        unhealthyNodes: 0,
      })),
    );
  }

  /** The median over the minutes, as the adapter has it. */
  quantiles(_service: Service, group: Group, { quantiles, ...span }: Span & { readonly quantiles: readonly number[] }) {
    const rows = this.within(group, span)
      .filter(({ wholeAt }) => wholeAt <= this.now)
      .map(({ minute }) => minute.row);
    const isFew = countOf(mergeRows(rows)) < 20;
    const of = (quantile: number) => {
      const found = rows.flatMap((row) => quantileOf(row, quantile) ?? []).toSorted((a, b) => a - b);
      return isFew ? undefined : found[Math.floor(found.length / 2)];
    };
    return Promise.resolve(quantiles.map(of));
  }

  private within = (group: Group, { from, to }: Span) =>
    (this.told.get(group) ?? []).filter(({ at }) => at >= from && at + MINUTE <= to);

  private toMinute(told: Told, { edgesMs, nodes = [], median }: GroupQuery): readonly MinuteCounts[] {
    const share = told.wholeAt <= this.now ? 1 : told.at + MINUTE + FIRST_MS <= this.now ? told.part : 0;
    if (share === 0) return [];
    const { requests, errors, row } = shareOf(told.minute, share);
    if (requests === 0) return [];
    const medianMs = median ? quantileOf(row, 0.5) : undefined;
    return [
      {
        ...{ at: told.at, requests, errors, timed: countOf(row), slower: edgesMs.map((ms) => slowerThan(row, ms)) },
        ...(medianMs !== undefined && { medianMs }),
        ...(nodes.length > 0 && { nodes: this.ownOf(told, nodes, edgesMs) }),
        gauges: {},
      },
    ];
  }

  private ownOf({ nodes }: Told, wanted: readonly string[], edgesMs: readonly number[]): Readonly<Record<string, OwnMinute>> {
    const there = nodes.filter(({ id, tellsAt }) => wanted.includes(id) && tellsAt <= this.now);
    return Object.fromEntries(
      there.map(({ id, minute: { requests, errors, memoryMb, row } }) => {
        const times = { timed: countOf(row), slower: edgesMs.map((ms) => slowerThan(row, ms)) };
        return [id, { requests, errors, memoryMb, ...(this.publishes === 'counts and latency' && times) }];
      }),
    );
  }
}
