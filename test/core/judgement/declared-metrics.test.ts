/** Metrics of the service's own, and services of which no load balancer counts requests. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../../core/judgement/decide.ts';
import { edgesOf } from '../../../core/judgement/edges.ts';
import { judgePolicy } from '../../../core/judgement/judge-policy.ts';
import { NO_HISTORY } from '../../../core/judgement/sequential/policy.ts';
import { beginWatch, type JudgementRecord } from '../../../core/judgement/judgement.ts';
import { judgeMinutes } from '../../../core/judgement/judge-minutes.ts';
import { groupsOf } from '../../../core/judgement/watch-groups.ts';
import type { GroupMetrics } from '../../../core/judgement/ports.ts';
import { MINUTE, release, service, T0 } from '../../fakes/fixtures.ts';

const metric = {
  namespace: 'Shop',
  name: 'Backlog',
  statistic: 'Average',
  direction: 'increase',
  dimensions: { R: '{version}' },
};
const NEW = release({ version: '2.0.0', replaces: '1.0.0', fleet: 'green' });
const compared = groupsOf('canary', NEW, { stable: { version: '1.0.0', fleet: 'blue' } });
const MINUTES = 60;

/** What the judge says after an hour in which the groups had these values. */
function judged(values: { canary?: (minute: number) => number; baseline?: (minute: number) => number }, over: object = {}) {
  const { file } = service({ protocol: 'tcp', metrics: [{ ...metric, ...over }], canary: { minutes: MINUTES } });
  const facts = {
    file,
    watch: 'canary',
    minutes: MINUTES,
    compared,
    nodes: { watched: 2, reference: 2 },
    instances: [],
    nodesWithCounts: [],
  } as const;
  const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 });
  const group = (name: 'canary' | 'baseline'): GroupMetrics => ({
    group: name,
    unhealthyNodes: 0,
    minutes: Array.from({ length: MINUTES }, (_, n) => {
      const value = values[name]?.(n);
      const gauges: Record<string, number> = value === undefined ? {} : { 'Backlog Average': value };
      return { at: T0 + n * MINUTE, slower: [], gauges };
    }),
  });
  const metrics = [group('canary'), group('baseline')];
  const now = T0 + (MINUTES + 3) * MINUTE;
  const edges = edgesOf(judgePolicy({ ...facts, lastLooks: 0 }));
  const record = judgeMinutes(begun, { ...facts, metrics, edges, failures: [], now });
  return decide(record, { ...facts, sick: 0, notServing: 0, now });
}

const wobble = (base: number) => (minute: number) => base + ((minute * 7) % 5);

describe('behind an NLB', () => {
  it('a declared metric that is worse beyond its margin fails the release', () => {
    const { verdict } = judged({ canary: () => 130, baseline: () => 100 });
    expect(verdict.kind).toBe('fail');
    expect(verdict.why).toContain('metric Backlog Average');
    expect(verdict.tests?.at(-1)).toMatchObject({ test: 'metric Backlog Average', watched: 130, reference: 100, threshold: 200 });
  });

  it('one within its margin passes it, and says by what', () => {
    const { verdict } = judged({ canary: wobble(100), baseline: wobble(101) });
    expect(verdict).toMatchObject({ kind: 'pass', why: expect.stringContaining('no unhealthy node in canary') as string });
  });

  it('less is worse where the file says so', () => {
    expect(judged({ canary: () => 60, baseline: () => 100 }).verdict.kind).toBe('pass');
    expect(judged({ canary: () => 60, baseline: () => 100 }, { direction: 'decrease' }).verdict.kind).toBe('fail');
  });

  it('what is tried out is told, and decides nothing', () => {
    const { verdict } = judged({ canary: () => 500, baseline: () => 100 }, { dryRun: true });
    expect(verdict.kind).toBe('pass');
    const told = verdict.tests?.at(-1);
    expect(told).toMatchObject({ test: 'metric Backlog Average', watched: 500, reference: 100, dryRun: true });
    expect(told!.evidence!).toBeGreaterThan(200);
  });

  it('without the data of a critical one nothing passes; without that of another it does', () => {
    const late = { baseline: () => 100 };
    const { verdict } = judged(late, { critical: true });
    expect(verdict).toMatchObject({
      kind: 'wait',
      why: expect.stringContaining('no data of the critical metric(s) Backlog') as string,
    });
    expect(judged(late).verdict.kind).toBe('pass');
  });

  it('sums are not compared while groups get unlike shares of the requests', () => {
    const { file } = service({ metrics: [{ ...metric, statistic: 'Sum' }, metric] });
    const names = (watch: 'debut' | 'promotion') =>
      judgePolicy({ file, watch, minutes: 5, lastLooks: 0 }).gauges.map(({ name }) => name);
    expect([names('debut'), names('promotion')]).toEqual([['Backlog Sum', 'Backlog Average'], ['Backlog Average']]);
  });
});

const OWN = { namespace: 'Web/Nodes', requests: 'R', errors: 'E', dimension: 'InstanceId', memory: 'M', latency: 'L' };
const SLOWER = [1, 2, 3, 4, 5, 6, 7, 8];

describe('what is kept between two looks', () => {
  it('is below 32 KiB, and a look below 5 ms, of a canary of a day with nodes that crash', () => {
    const { file } = service({ canary: { nodes: 4, minutes: 1440 } });
    const facts = {
      file,
      watch: 'canary',
      minutes: 1440,
      compared,
      nodes: { watched: 4, reference: 4 },
      instances: [],
      nodesWithCounts: [],
    } as const;
    const edges = edgesOf(judgePolicy({ ...facts, lastLooks: 0 }));
    let record: JudgementRecord = beginWatch(undefined, {
      ...{ service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 },
    });
    const group = (name: 'canary' | 'baseline' | 'blue', at: number): GroupMetrics => ({
      group: name,
      minutes: [{ at, requests: 1000, errors: (at / MINUTE) % 3, timed: 990, slower: [4, 3], gauges: {} }],
    });
    let largest = 0;
    const since = performance.now();
    for (let minute = 0; minute < 1440; minute++) {
      const at = T0 + minute * MINUTE;
      const metrics = [group('canary', at), group('baseline', at), group('blue', at)];
      // One of the canary's nodes is lost every six hours.
      const failures = Array.from({ length: Math.floor(minute / 360) }, (_, n) => ({
        ...{ faultId: `i-${n}-1`, instanceId: `i-${n}`, isWatched: true, isCrash: true, fingerprint: `f${n}` },
      }));
      record = judgeMinutes(record, { ...facts, metrics, edges, failures, now: at + 2 * MINUTE });
      record = decide(record, { ...facts, sick: 0, notServing: 0, now: at + 2 * MINUTE }).record;
      largest = Math.max(largest, JSON.stringify(record).length);
    }
    expect((performance.now() - since) / 1440).toBeLessThan(5);
    expect(record.state.intervals).toBe(1440);
    expect(largest).toBeLessThan(32 * 1024);
  });

  it('is below 32 KiB where fifteen nodes tell of themselves, ten metrics are declared, and every half an hour a node is lost', () => {
    const names = Array.from({ length: 10 }, (_, n) => ({ ...metric, name: `some-declared-metric-${n}` }));
    const slow = [1000, 2000, 3000, 4000].map((overMs) => ({ overMs, maxPercent: 60 }));
    const { file } = service({ canary: { nodes: 15, minutes: 1440 }, limits: { slow, maxUnhealthyNodes: 50 }, metrics: names });
    const history = { ...NO_HISTORY, crashes: 1000, nodeHours: 10_000 };
    const facts = {
      watch: 'canary',
      ...{ file: { ...file, nodeMetrics: OWN }, minutes: 1440, compared, history, nodesWithCounts: [] },
      ...{ nodes: { watched: 15, reference: 15 }, instances: [], sick: 0, notServing: 0 },
    } as const;
    const edges = edgesOf(judgePolicy({ ...facts, lastLooks: 0 }));
    let record = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 });
    let largest = 0;
    for (let minute = 0; minute < 900; minute++) {
      const at = T0 + minute * MINUTE;
      const lost = Math.floor(minute / 30);
      const count = (n: number) => 900 + ((minute * (n + 7)) % 101);
      const own = (n: number) => ({
        requests: count(n),
        errors: count(n) % 3,
        memoryMb: count(n),
        timed: count(n),
        slower: SLOWER.map(count),
      });
      const group = (name: 'canary' | 'baseline', gone: number): GroupMetrics => {
        const ids = Array.from({ length: 15 }, (_, n) => `i-0123456789abc${name.slice(0, 2)}${n < gone % 15 ? gone : n}-${n}`);
        const nodes = Object.fromEntries(ids.map((id, n) => [id, own(n)]));
        const gauges = Object.fromEntries(names.map(({ name: key }, n) => [`${key} Average`, count(n)]));
        return {
          group: name,
          minutes: [{ at, requests: 15_000, errors: 9, timed: 15_000, slower: SLOWER.map(count), nodes, gauges }],
        };
      };
      const failures = Array.from({ length: lost }, (_, n) => ({
        ...{ faultId: `i-0123456789abcdef${n}-1`, instanceId: `i-0123456789abcdef${n}`, isWatched: true, isCrash: true },
        fingerprint: `0123456789abcd${n}`,
      }));
      const metrics = [group('canary', lost), group('baseline', 0)];
      record = judgeMinutes(record, { ...facts, metrics, edges, failures, now: at + 2 * MINUTE });
      record = decide(record, { ...facts, now: at + 2 * MINUTE }).record;
      largest = Math.max(largest, JSON.stringify(record).length);
    }
    expect(record.state.intervals).toBe(900);
    expect(largest).toBeLessThan(32 * 1024);
  });
});
