import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../../../../bench/judge/simulate.ts';
import { SCENARIOS } from '../../../../bench/judge/scenario.ts';
import { writeTrace } from '../../../../bench/judge/write-trace.ts';
import { judgeTrace } from '../../../../core/judgement/trace/judge-trace.ts';
import { mergeRows } from '../../../../core/judgement/trace/histogram.ts';
import type { Trace, TraceCounts, TraceGroupName } from '../../../../core/judgement/trace/trace.ts';

/** Busy enough to be clear: 6 nodes' worth of plain traffic, whatever the seed. */
const release = (name: string, seed = 11): Trace =>
  simulate(
    SCENARIOS.find((one) => one.name === name)!,
    seed,
  ).trace;

const end = (trace: Trace) => judgeTrace(trace).at(-1)!;

const without = (trace: Trace, ...names: readonly TraceGroupName[]): Trace => ({
  ...trace,
  groups: Object.fromEntries(Object.entries(trace.groups).filter(([name]) => !names.includes(name as TraceGroupName))),
});

/** A group's counts changed in every interval. */
const change = (trace: Trace, name: TraceGroupName, to: (counts: TraceCounts) => TraceCounts): Trace => ({
  ...trace,
  data: trace.data.map((one) => (one[name] ? { ...one, [name]: to(one[name]) } : one)),
});

const firstNode = (trace: Trace, name: TraceGroupName): Trace => ({
  ...change(trace, name, (counts) => ({
    ...counts,
    requests: counts.requests.slice(0, 1),
    errors: counts.errors.slice(0, 1),
    crashes: counts.crashes.slice(0, 1),
    memoryMb: counts.memoryMb.slice(0, 1),
    latency: counts.latency.slice(0, 1),
  })),
  groups: { ...trace.groups, [name]: { ...trace.groups[name]!, nodes: trace.groups[name]!.nodes.slice(0, 1) } },
});

describe('a recorded comparison', () => {
  it('has a verdict for every interval, the last one final', () => {
    const verdicts = judgeTrace(release('stationary'));
    expect(verdicts).toHaveLength(60);
    expect(verdicts.slice(0, -1).every(({ verdict }) => verdict === 'wait')).toBe(true);
    expect(verdicts.at(-1)).toMatchObject({ t: 1770, verdict: 'pass' });
    expect(verdicts.at(-1)?.tests.map(({ test }) => test)).toEqual(['errors', 'p50', 'p90', 'p99', 'crashes', 'memory']);
  });

  it.each(['err_1pp', 'all_15', 'crash_loop', 'leak', 'late_1pp'])('of %s fails', (name) => {
    expect(end(release(name)).verdict).toBe('fail');
  });

  it('of one bad node names it, and does not fail', () => {
    for (const seed of [1, 2, 3, 4]) {
      const trace = release('bad_node', seed);
      const { verdict, quarantine } = end(trace);
      expect(verdict).not.toBe('fail');
      expect(quarantine).toHaveLength(1);
      expect(trace.groups.canary?.nodes).toContain(quarantine?.[0]);
    }
  });

  it('of low traffic is inconclusive and says how many requests are missing', () => {
    expect(end(release('low_traffic'))).toMatchObject({ verdict: 'inconclusive', reason: 'low_traffic' });
    expect(end(release('low_traffic')).why).toMatch(/errors: up to .* pp allowed on \d+ requests, about \d+ more needed/);
  });

  it('without a baseline is judged beside the stable group, or its history, and cannot pass', () => {
    const [fine, bad] = [release('stationary'), release('err_1pp')];
    for (const names of [['baseline'], ['baseline', 'stable']] as const) {
      expect(end(without(fine, ...names))).toMatchObject({ verdict: 'inconclusive', reason: 'no_baseline' });
      expect(end(without(release('crash_loop'), ...names)).verdict).toBe('fail');
    }
    expect(end(without(bad, 'baseline')).verdict).toBe('fail');
    expect(end(without(bad, 'baseline')).why).toContain('(stable group ');
    expect(end(without(fine, 'baseline', 'stable')).why).toContain('not worse than history');
  });

  it('of which the baseline never has data is judged beside the stable group', () => {
    const trace = release('err_1pp');
    const silent: Trace = {
      ...trace,
      data: trace.data.map(({ t, canary, stable }) => ({ t, ...(canary && { canary }), ...(stable && { stable }) })),
    };
    expect(end(silent)).toMatchObject({ verdict: 'fail' });
  });

  it('without a history of errors is not held against an error rate nobody knows', () => {
    const trace = without(release('err_1pp'), 'baseline', 'stable');
    const { errorRate: _, p50Ms: __, p99Ms: ___, ...history } = trace.history;
    expect(end({ ...trace, history })).toMatchObject({ verdict: 'inconclusive', reason: 'no_baseline' });
  });

  it('of groups of one node is judged as well', () => {
    const single = (name: string) => firstNode(firstNode(release(name), 'canary'), 'baseline');
    expect(end(single('err_1pp')).verdict).toBe('fail');
    expect(end(single('stationary')).verdict).not.toBe('fail');
  });

  it('of which latency is known of the whole groups fails for it, and blames no node', () => {
    const merged = (trace: Trace) =>
      (['canary', 'baseline'] as const).reduce(
        (known, name) => change(known, name, (counts) => ({ ...counts, latency: [mergeRows(counts.latency)] })),
        trace,
      );
    expect(end(merged(release('all_15')))).toMatchObject({ verdict: 'fail' });
    expect(end(merged(release('all_15'))).quarantine).toBeUndefined();
    expect(end(merged(release('stationary'))).verdict).toBe('pass');
  });

  it('is judged without what was not measured', () => {
    const bare = (trace: Trace) =>
      (['canary', 'baseline', 'stable'] as const).reduce(
        (known, name) => change(known, name, (counts) => ({ ...counts, crashes: [], memoryMb: [], latency: [] })),
        trace,
      );
    expect(end(bare(release('stationary')))).toMatchObject({ verdict: 'pass', tests: [{ test: 'errors' }] });
    expect(end(bare(release('err_1pp'))).verdict).toBe('fail');
  });
});

describe('node bin/judge-trace.ts', () => {
  let directory = '';
  beforeAll(() => (directory = mkdtempSync(path.join(tmpdir(), 'judge-trace-'))));
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  const command = path.resolve(import.meta.dirname, '../../../../bin/judge-trace.ts');
  const judge = (argument: string, input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, argument], { input, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('prints one JSON object an interval', () => {
    const file = path.join(directory, 'trace.json');
    writeFileSync(file, JSON.stringify(writeTrace(release('bad_node'))));
    const { status, stdout } = judge(file);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(status).toBe(0);
    expect(lines).toHaveLength(60);
    expect(lines.at(-1)).toMatchObject({ t: 1770 });
    expect(lines.at(-1)?.['quarantine']).toHaveLength(1);
  });

  it('stops without a complaint when nobody reads on, and with a plain one when nothing can be written', () => {
    const { data, ...trace } = writeTrace(release('stationary'));
    const hours = Array.from({ length: 600 }, (_, index) => ({ ...data[index % data.length], t: index }));
    const file = path.join(directory, 'long.json');
    writeFileSync(file, JSON.stringify({ ...trace, intervals: hours.length, data: hours }));
    const into = (rest: string) =>
      spawnSync('bash', ['-o', 'pipefail', '-c', `"${process.execPath}" "${command}" "${file}" ${rest}`], { encoding: 'utf8' });
    const read = into('| head -1');
    expect([read.status, read.stderr, read.stdout.split('\n').length]).toEqual([0, '', 2]);
    const full = into('> /dev/full');
    expect([full.status, full.stderr]).toEqual([
      1,
      expect.stringMatching(/^judge-trace: the verdicts cannot be written: ENOSPC[^\n]*\n$/),
    ]);
  });

  it('says what is wrong with its file, and answers 1', () => {
    const [none, half] = [judge(path.join(directory, 'none.json')), judge('-', '{')];
    expect([none.status, half.status]).toEqual([1, 1]);
    expect(none.stderr).toContain('no such file');
    expect(half.stderr).toContain('it is not JSON');
    expect(judge('-', '{"schema":"canary-trace/2"}').stderr).toBe(
      'judge-trace: -: schema is "canary-trace/2", and must be "canary-trace/1"\n',
    );
  });
});
