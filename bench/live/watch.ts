/** One canary before the judge as the workflow calls it, look by look, until there is a verdict. */
import { watchGroups, type WatchGroupsPorts } from '../../core/judgement/watch-groups.ts';
import type { Held } from '../../core/release/hold-release.ts';
import type { ReleaseRecord } from '../../core/release/release.ts';
import type { TraceCounts } from '../../core/judgement/trace/trace.ts';
import { MINUTE, record, release, service, T0 } from '../../test/fakes/fixtures.ts';
import { MemoryHistories } from '../../test/fakes/memory-histories.ts';
import { MemoryJudgements } from '../../test/fakes/memory-judgements.ts';
import { MemoryRecords } from '../../test/fakes/memory-records.ts';
import { MemoryFaultNotices, MemoryKills } from '../../test/fakes/memory-remediation.ts';
import { INTERVALS } from '../judge/scenario.ts';
import type { Simulated } from '../judge/simulate.ts';
import type { Random } from '../judge/random.ts';
import { type Cast, LiveNodes, NODE_GROUPS, PLACES } from './nodes.ts';
import { LatePoints, type Publishes } from './points.ts';
import { type Minute, nodeMinute, shareOf } from './minute.ts';

export interface Watched {
  readonly kind: 'pass' | 'fail' | 'inconclusive' | 'held';
  readonly minutes: number;
  readonly replaced: readonly string[];
  readonly why: string;
  readonly bytes: number;
}

/** What lasts from one release of a service to the next. */
export interface Home {
  readonly publishes: Publishes;
  readonly ports: Omit<WatchGroupsPorts, 'slots' | 'groups' | 'faults' | 'metrics'>;
}

export const newHome = (publishes: Publishes): Home => ({
  publishes,
  ports: {
    ...{ judgements: new MemoryJudgements(), records: new MemoryRecords(), histories: new MemoryHistories() },
    ...{ kills: new MemoryKills(), faultNotices: new MemoryFaultNotices() },
  },
});

export interface Show {
  /** The nth release of its service. */
  readonly number: number;
  readonly trace: Simulated['trace'];
  readonly spare: Simulated['trace'];
  /** Of the requests to the canary, so many get there. */
  readonly arriving: number;
  readonly random: Random;
}

/** Once a day. */
const DAY_MS = 24 * 60 * MINUTE;
/** Held ones are not waited for as long as the workflow waits. */
const MOST_MINUTES = 240;

const NODE_METRICS: Readonly<Record<Publishes, Record<string, unknown>>> = {
  nothing: {},
  counts: { nodeMetrics: { namespace: 'Web/Nodes' } },
  'counts and latency': { nodeMetrics: { namespace: 'Web/Nodes', latency: 'Latency' } },
};

const fileOf = (publishes: Publishes) => ({
  canary: { nodes: PLACES, minutes: INTERVALS, percent: 10 },
  limits: { slow: [] },
  ...NODE_METRICS[publishes],
});

export async function watchCanary(home: Home, show: Show): Promise<Watched> {
  const start = T0 + show.number * DAY_MS;
  const [since, fence] = [start - 40_000, show.number];
  const [old, version] = [`${show.number - 1}.0.0`, `${show.number}.0.0`];
  const cast: Cast = { versions: { canary: version, baseline: old }, trace: show.trace, spare: show.spare, start };
  const nodes = new LiveNodes(cast);
  const metrics = new LatePoints(show.random, home.publishes);
  const held = await holdOf(home, { version, replaces: old, fence });
  const ports = { ...home.ports, slots: nodes.slots, groups: nodes.groups, faults: nodes.faults, metrics };
  const replaced: string[] = [];
  for (let minutes = 1; ; minutes++) {
    const now = since + minutes * MINUTE + 1000 * show.random.between(0, 10);
    metrics.now = now;
    publish(metrics, nodes.advance(now), show, start);
    const input = { service: 'web', version, fence, watch: 'canary', since, at: now } as const;
    const { verdict, bad } = await watchGroups(ports, held, input);
    if (verdict.kind !== 'wait' || minutes >= MOST_MINUTES) {
      const bytes = JSON.stringify(await home.ports.judgements.find('web', version)).length;
      return { kind: verdict.kind === 'wait' ? 'held' : verdict.kind, minutes, replaced, why: verdict.why, bytes };
    }
    if (bad === undefined) continue;
    replaced.push(bad);
    nodes.replace(bad);
  }
}

function publish(metrics: LatePoints, over: ReturnType<LiveNodes['advance']>, { trace, arriving }: Show, start: number): void {
  for (const { minute, of } of over) {
    const at = start + minute * MINUTE;
    for (const group of NODE_GROUPS) {
      const share = group === 'canary' ? arriving : 1;
      metrics.add(group, at, new Map([...(of.get(group) ?? [])].map(([id, one]) => [id, shareOf(one, share)])));
    }
    const stable = trace.data[minute % trace.data.length]?.stable;
    if (stable) metrics.add('blue', at, new Map([['all', wholeOf(stable)]]));
  }
}

/** Its latencies are one row. */
const wholeOf = (counts: TraceCounts): Minute => ({
  ...nodeMinute(counts, 0),
  requests: counts.requests.reduce((sum, one) => sum + one, 0),
  errors: counts.errors.reduce((sum, one) => sum + one, 0),
});

async function holdOf(home: Home, of: Pick<ReleaseRecord, 'version' | 'fence'> & { readonly replaces: string }): Promise<Held> {
  const pinned = service(fileOf(home.publishes));
  const weights = { main: { blue: 800, canary: 100, baseline: 100 }, beta: {} };
  const stable = { version: of.replaces, fleet: 'blue' } as const;
  const watched = await home.ports.records.putRelease(release({ ...of, stage: 'canary', fleet: 'green', pinned }));
  return { service: pinned, release: watched, record: record({ fence: of.fence, inFlight: of.version, stable, weights }) };
}
