/** What a watch tells of its service when it is over; and whom a look asks. */
import { describe, expect, it } from 'vitest';
import { beginWatch, type JudgementRecord } from '../../../core/judgement/judgement.ts';
import { edgesOf } from '../../../core/judgement/edges.ts';
import { judgePolicy } from '../../../core/judgement/judge-policy.ts';
import type { GroupQuery } from '../../../core/judgement/ports.ts';
import { countedNodes, readGroups } from '../../../core/judgement/read-groups.ts';
import { seasonOf } from '../../../core/judgement/season.ts';
import type { NodeTotals } from '../../../core/judgement/sequential/state.ts';
import { groupsOf } from '../../../core/judgement/watch-groups.ts';
import { release, service, T0 } from '../../fakes/fixtures.ts';
import { MemoryMetrics } from '../../fakes/memory-metrics.ts';

const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 });
const totals = (requests: number, errors: number): NodeTotals => ({
  ...{ requests, errors, timed: 0, over: [], far: [], crashes: 0, hours: 1 },
});

function told(over: Partial<JudgementRecord> = {}, quarantined: readonly string[] = []): ReturnType<typeof seasonOf> {
  const state = { ...begun.state, watched: { a: totals(1000, 150) }, reference: { '*': totals(1000, 100) }, quarantined };
  return seasonOf({ ...begun, state, ...over });
}

describe('a watch that is over tells', () => {
  it('how far both groups were apart, and how unsure that is', () => {
    expect(told()).toMatchObject({ id: '2.0.0#2', version: '2.0.0', requests: 1000, errors: 100 });
    expect(told().errorShift?.log).toBeCloseTo(Math.log(1.5), 5);
    expect(told().errorShift?.variance).toBeCloseTo(1 / 150 + 1 / 100, 5);
  });

  it('nothing of that where a node alone was bad, or where next to nothing failed', () => {
    expect(told({}, ['a']).errorShift).toBeUndefined();
    const state = { ...begun.state, watched: { a: totals(1000, 4) }, reference: { '*': totals(1000, 100) } };
    expect(told({ state }).errorShift).toBeUndefined();
  });

  it('how far halves of the old nodes were apart, as groups of their size would be', () => {
    const besideNodes = { b: { requests: 500, errors: 20 }, a: { requests: 500, errors: 80 } };
    expect(told({ besideNodes }).ownErrors?.log).toBeCloseTo(Math.log(4) / Math.SQRT2, 5);
    expect(told({ besideNodes }).ownErrors?.variance).toBeCloseTo((1 / 20 + 1 / 80) / 2, 5);
    expect(told({ besideNodes: { a: besideNodes.a } }).ownErrors).toBeUndefined();
  });

  it('how much slower its median was, of at least five minutes', () => {
    const medians = { samples: 10, sum: 1, squares: 0.2 };
    expect(told({ medians }).latencyShift).toEqual({ log: 0.1, variance: 0.001 });
    expect(told({ medians: { ...medians, samples: 4 } }).latencyShift).toBeUndefined();
  });
});

describe('a look', () => {
  const seen = { nodes: { watched: 1, reference: 1 }, sick: 0, notServing: 0, instances: ['i-1'], beside: ['i-2'], failures: [] };
  const compared = groupsOf('canary', release({ version: '2.0.0', replaces: '1.0.0', fleet: 'green' }), {});

  async function asked(file: Record<string, unknown>, watch: 'canary' | 'debut' = 'canary'): Promise<readonly GroupQuery[]> {
    const metrics = new MemoryMetrics();
    let queries: readonly GroupQuery[] = [];
    metrics.read = async (_, groups) => {
      queries = groups;
      return [];
    };
    const web = service(file);
    const of = { file: web.file, watch, minutes: 30 };
    const edges = edgesOf(judgePolicy({ ...of, lastLooks: 0 }));
    await readGroups(metrics, web, { compared, edges, counted: countedNodes(of, seen), from: T0, now: T0 });
    return queries;
  }

  it('asks both compared groups for their medians, and Linux nodes of both for their own counts where they publish', async () => {
    const nodes = async (...given: Parameters<typeof asked>) =>
      (await asked(...given)).map((one) => [one.group, one.nodes, one.median]);
    const published = { nodeMetrics: { namespace: 'Web/Nodes' } };
    expect(await nodes(published)).toEqual([
      ['canary', ['i-1'], true],
      ['baseline', ['i-2'], true],
      ['blue', undefined, undefined],
    ]);
    expect((await nodes({})).slice(0, 2)).toEqual([
      ['canary', [], true],
      ['baseline', [], true],
    ]);
    expect((await nodes(published, 'debut')).slice(0, 2).map(([, own]) => own)).toEqual([[], []]);
  });
});
