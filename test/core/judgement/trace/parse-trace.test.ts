import { describe, expect, it } from 'vitest';
import { simulate } from '../../../../bench/judge/simulate.ts';
import { SCENARIOS } from '../../../../bench/judge/scenario.ts';
import { writeTrace } from '../../../../bench/judge/write-trace.ts';
import { parseTrace } from '../../../../core/judgement/trace/parse-trace.ts';

const one = (requests: readonly unknown[] = [10, 10]) => ({ requests, errors: [0, 0] });
const nodes = [{ id: 'a', az: 'az-1' }, { id: 'b' }];

/** The smallest trace, with something else in it. */
const trace = (own: Record<string, unknown> = {}) => ({
  schema: 'canary-trace/1',
  interval_s: 30,
  groups: { canary: { nodes }, baseline: { nodes } },
  data: [{ t: 0, canary: one(), baseline: one() }],
  ...own,
});

const canary = (own: Record<string, unknown>) => trace({ data: [{ t: 0, canary: { ...one(), ...own } }] });

describe('a trace', () => {
  it('is read as it was written', () => {
    const { trace: simulated } = simulate(SCENARIOS[0]!, 3);
    const read = parseTrace(JSON.parse(JSON.stringify(writeTrace(simulated))));
    expect(read).toEqual(simulated);
  });

  it('needs neither history nor crashes, memory, latency or an id', () => {
    const read = parseTrace(trace());
    expect(read).toMatchObject({ id: '', intervals: 1, history: { crashes: 0, errorNoise: 0.05, latencyNoise: 0.03 } });
    expect(read.data[0]?.canary).toMatchObject({ requests: [10, 10], crashes: [], latency: [], memoryMb: [] });
    expect(read.history.errorRate).toBeUndefined();
  });

  it('has groups without data, absent or null, in an interval or altogether', () => {
    const read = parseTrace(trace({ groups: { canary: { nodes }, baseline: null }, data: [{ t: 'noon', canary: null }] }));
    expect(read.groups.baseline).toBeUndefined();
    expect(read.data).toEqual([{ t: 'noon' }]);
  });

  it('has nodes without data', () => {
    const read = parseTrace(canary({ requests: [10, null], errors: [0, null], rss_mb: [null, 200], latency: [[4, 10], null] }));
    expect(read.data[0]?.canary).toMatchObject({ requests: [10, 0], memoryMb: [undefined, 200], latency: [[4, 10], []] });
  });

  it('has one row of latency for a whole group, in a list or not', () => {
    for (const latency of [[[-4, 10, 3]], [-4, 10, 3]])
      expect(parseTrace(canary({ latency })).data[0]?.canary?.latency).toEqual([[-4, 10, 3]]);
  });

  it('is judged in the order of its times, each once, however it was recorded', () => {
    const at = (t: number | string, requests: number) => ({ t, canary: one([requests, 10]), baseline: one() });
    const times = (data: readonly unknown[]) => parseTrace(trace({ data })).data.map(({ t }) => t);
    expect(times([at(60, 2), at(0, 1), at(30, 3), at(0, 1)])).toEqual([0, 30, 60]);
    expect(times([at('2027-01-04T12:01:00Z', 2), at('2027-01-04T13:00:30+01:00', 1)])).toEqual([
      '2027-01-04T13:00:30+01:00',
      '2027-01-04T12:01:00Z',
    ]);
    expect(times([at('10', 2), at('9', 1)])).toEqual(['9', '10']);
    expect(times([at('noon', 2), at('before', 1)])).toEqual(['noon', 'before']);
  });

  it('may tell the groups of one time apart', () => {
    const data = [
      { t: 0, canary: one() },
      { t: 0, baseline: one([20, 20]) },
    ];
    expect(parseTrace(trace({ data })).data).toMatchObject([
      { t: 0, canary: { requests: [10, 10] }, baseline: { requests: [20, 20] } },
    ]);
  });

  it.each<readonly [string, unknown, string]>([
    ['no object', [], 'the trace is [], and must be an object'],
    ['another schema', trace({ schema: 'x/2' }), 'schema is "x/2", and must be "canary-trace/1"'],
    ['no canary', trace({ groups: {} }), 'groups.canary is missing: there is nothing to judge'],
    [
      'one time with two counts',
      trace({
        data: [
          { t: 0, canary: one() },
          { t: 0, canary: one([9, 9]) },
        ],
      }),
      'data[0] and data[1] have the same t, 0, and other counts of canary: give each interval once',
    ],
    [
      'times of two kinds',
      trace({ data: [{ t: 0 }, { t: '1' }] }),
      'data[1].t is "1" and data[0].t is 0: give all as numbers, or all as texts',
    ],
    [
      'errors of an unknown number of requests',
      canary({ requests: [10, null], errors: [0, 2] }),
      'data[0].canary.errors[1] is 2, and requests[1] is null: give both, or null for both',
    ],
    ['no interval', trace({ data: [] }), 'data is empty, and must have at least one entry'],
    [
      'too many intervals',
      trace({ data: new Array(50_001).fill(null) }),
      'data has 50001 entries, more than the 50000 that are read',
    ],
    ['no length of an interval', trace({ interval_s: undefined }), 'interval_s is missing, and must be a number'],
    ['an interval of 0', trace({ interval_s: 0 }), 'interval_s is 0, and must be between 0.001 and 86400'],
    [
      'another scale',
      trace({ latency: { scale: 5 } }),
      'latency.scale is 5, and must be 4: count the latencies anew in such buckets',
    ],
    [
      'another unit',
      trace({ latency: { unit: 's' } }),
      'latency.unit is "s", and must be "ms": count the latencies anew in such buckets',
    ],
    ['no node', trace({ groups: { canary: { nodes: [] } } }), 'groups.canary.nodes is empty, and must have at least one entry'],
    [
      'a node twice',
      trace({ groups: { canary: { nodes: ['a', 'a'] } } }),
      "groups.canary.nodes has an id twice: a node's id must be its own",
    ],
    [
      'a node of no name',
      trace({ groups: { canary: { nodes: ['*'] } } }),
      'groups.canary.nodes[0].id is "*", which cannot name a node',
    ],
    ['no time', trace({ data: [{}] }), 'data[0].t is missing, and must be a time'],
    [
      'an undeclared group',
      trace({ data: [{ t: 0, stable: one() }] }),
      'data[0].stable has counts, but groups.stable is missing: name its nodes there',
    ],
    ['no requests', canary({ requests: undefined }), 'data[0].canary.requests is missing, and must be a list'],
    [
      'requests of too few nodes',
      canary({ requests: [1] }),
      'data[0].canary.requests has 1 value(s) for 2 node(s): one each, in order',
    ],
    [
      'requests below 0',
      canary({ requests: [1, -1] }),
      'data[0].canary.requests[1] is -1, and must be between 0 and 1000000000000000',
    ],
    ['more errors than requests', canary({ errors: [0, 11] }), 'data[0].canary.errors[1] is 11, more than the 10 requests'],
    ['a text for a count', canary({ crashes: [0, 'one'] }), 'data[0].canary.crashes[1] is "one", and must be a number'],
    [
      'rows for some nodes',
      canary({
        latency: [
          [0, 1],
          [0, 1],
          [0, 1],
        ],
      }),
      'data[0].canary.latency has 3 rows for 2 node(s): give one each, in order, or one of all',
    ],
    [
      'half a bucket',
      canary({ latency: [[0.5, 1]] }),
      'data[0].canary.latency[0][0] is 0.5, and must be the whole number of a bucket',
    ],
    [
      'fingerprints of no list',
      canary({ fingerprints: { a: 'boom' } }),
      'data[0].canary.fingerprints.a is "boom", and must be a list',
    ],
    ['a rate that is none', trace({ history: { err_rate: 2 } }), 'history.err_rate is 2, and must be between 0 and 1'],
  ])('is refused with %s, and the field is named', (_, json, message) => {
    expect(() => parseTrace(json)).toThrow(expect.objectContaining({ name: 'BadTrace', message }));
  });
});
