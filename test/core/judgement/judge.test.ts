import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../core/judgement/judge.ts';
import type { JudgeFacts } from '../../../core/judgement/judge.ts';
import type { GroupMetrics, IntervalCounts } from '../../../core/judgement/ports.ts';
import { MINUTE, service, T0 } from '../../fakes/fixtures.ts';

const { limits } = service().file;

const group = (name: GroupMetrics['group'], ...intervals: readonly Partial<IntervalCounts>[]): GroupMetrics => ({
  group: name,
  intervals: intervals.map((one, index) => ({ at: T0 + (index + 1) * MINUTE, slow: [0], ...one })),
  unhealthyNodes: 0,
  nodes: [],
});

const facts = (given: Partial<JudgeFacts> = {}): JudgeFacts => ({
  watched: group('canary', { requests: 400, errors: 0 }),
  limits,
  since: T0,
  now: T0 + 30 * MINUTE,
  minutes: 30,
  countsRequests: true,
  ...given,
});

describe('the verdict', () => {
  it('is pass when the watch is over and no limit was exceeded, with value, operator and limit', () => {
    const verdict = judge(facts());
    expect(verdict.kind).toBe('pass');
    expect(verdict.why).toContain('0.0 % of 400 requests to canary failed ≤ 1 % allowed');
  });

  it('is wait while the watch lasts', () => {
    expect(judge(facts({ now: T0 + 29 * MINUTE })).kind).toBe('wait');
  });

  it('is fail as soon as a limit is clearly exceeded, and says what it is compared with', () => {
    const verdict = judge(
      facts({
        now: T0 + 3 * MINUTE,
        watched: group('canary', { requests: 412, errors: 21 }),
        reference: group('baseline', { requests: 405, errors: 0 }),
      }),
    );
    expect(verdict).toEqual({
      kind: 'fail',
      why: '5.1 % of 412 requests to canary failed > 1 % allowed; baseline 0.0 % of 405',
    });
  });

  it('is fail for requests slower than a limit', () => {
    const verdict = judge(facts({ watched: group('canary', { requests: 100, errors: 0, slow: [6] }) }));
    expect(verdict).toMatchObject({ kind: 'fail', why: expect.stringContaining('took over 1000 ms > 5 % allowed') as string });
  });

  it('is fail for unhealthy nodes', () => {
    const verdict = judge(facts({ now: T0, watched: { ...group('canary'), unhealthyNodes: 1 } }));
    expect(verdict).toEqual({ kind: 'fail', why: '1 unhealthy node(s) in canary > 0 allowed' });
  });

  it('is not fail for a few bad requests, and not pass either: it waits, then is inconclusive', () => {
    const watched = group('canary', { requests: 60, errors: 2 });
    expect(judge(facts({ watched, now: T0 + MINUTE })).kind).toBe('wait');
    expect(judge(facts({ watched, now: T0 + 39 * MINUTE })).kind).toBe('wait');
    expect(judge(facts({ watched, now: T0 + 40 * MINUTE }))).toMatchObject({
      kind: 'inconclusive',
      why: expect.stringContaining('too few bad') as string,
    });
  });

  it('waits without data, and is inconclusive when the grace is over: no data is neither good nor bad', () => {
    const watched = group('canary');
    expect(judge(facts({ watched })).kind).toBe('wait');
    expect(judge(facts({ watched, now: T0 + 40 * MINUTE }))).toMatchObject({
      kind: 'inconclusive',
      why: expect.stringContaining('0 of the 50 requests') as string,
    });
    const unknown = group('canary', { requests: 400, slow: [undefined] });
    expect(judge(facts({ watched: unknown })).kind).toBe('wait');
  });

  it('ignores the interval in which the watch began', () => {
    const watched = {
      ...group('canary'),
      intervals: [
        { at: T0, requests: 100, errors: 100, slow: [0] },
        { at: T0 + MINUTE, requests: 90, errors: 0, slow: [0] },
      ],
    };
    expect(judge(facts({ watched })).kind).toBe('pass');
  });

  it('goes by the health of the nodes where nothing counts requests', () => {
    const nodes = { countsRequests: false };
    expect(judge(facts({ ...nodes, watched: group('canary') })).kind).toBe('pass');
    expect(judge(facts({ ...nodes, watched: group('canary'), now: T0 + MINUTE })).kind).toBe('wait');
    const silent = { ...group('canary'), unhealthyNodes: undefined };
    expect(judge(facts({ ...nodes, watched: silent, now: T0 + 41 * MINUTE })).kind).toBe('inconclusive');
  });

  it('never passes what exceeds a limit, and one more error never makes a failing release pass', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 0, max: 45 }),
        (requests, errors, minute) => {
          const bad = Math.min(errors, requests);
          const at = (count: number) =>
            judge(facts({ watched: group('canary', { requests, errors: count }), now: T0 + minute * MINUTE }));
          const verdict = at(bad);
          if (verdict.kind === 'pass') expect((100 * bad) / requests).toBeLessThanOrEqual(limits.maxErrorPercent);
          if (verdict.kind === 'fail' && bad < requests) expect(at(bad + 1).kind).toBe('fail');
        },
      ),
    );
  });
});
