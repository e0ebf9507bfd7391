/** Minutes of which CloudWatch tells one group only, and limits that both groups exceed. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../../core/judgement/decide.ts';
import { edgesOf } from '../../../core/judgement/edges.ts';
import { judgePolicy } from '../../../core/judgement/judge-policy.ts';
import { judgeMinutes } from '../../../core/judgement/judge-minutes.ts';
import { beginWatch } from '../../../core/judgement/judgement.ts';
import type { GroupMetrics } from '../../../core/judgement/ports.ts';
import { groupsOf } from '../../../core/judgement/watch-groups.ts';
import { MINUTE, release, service, T0 } from '../../fakes/fixtures.ts';

const NEW = release({ version: '2.0.0', replaces: '1.0.0', fleet: 'green' });
const compared = groupsOf('canary', NEW, { stable: { version: '1.0.0', fleet: 'blue' } });
const { file } = service({ canary: { minutes: 60 } });

type Errors = (minute: number) => number | undefined;

/** After twenty minutes of a thousand requests each, so many of them failed; undefined: that minute is not told. */
function judged(of: { readonly canary: Errors; readonly baseline: Errors }) {
  const facts = {
    ...{ file, minutes: 60, compared, nodes: { watched: 2, reference: 2 }, instances: [], nodesWithCounts: [] },
    ...{ failures: [], now: T0 + 25 * MINUTE, sick: 0, notServing: 0 },
    watch: 'canary',
  } as const;
  const group = (name: 'canary' | 'baseline'): GroupMetrics => ({
    group: name,
    minutes: Array.from({ length: 20 }, (_, n) => ({ n, errors: of[name](n) })).flatMap(({ n, errors }) =>
      errors === undefined ? [] : [{ at: T0 + n * MINUTE, requests: 1000, errors, timed: 1000, slower: [0, 0], gauges: {} }],
    ),
  });
  const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 });
  const edges = edgesOf(judgePolicy({ ...facts, lastLooks: 0 }));
  return decide(judgeMinutes(begun, { ...facts, edges, metrics: [group('canary'), group('baseline')] }), facts).verdict;
}

const usual: Errors = () => 2;
const outage: Errors = (minute) => (minute === 9 ? 600 : 2);

describe('an outage', () => {
  it('of which only the new release’s minute is told is not held against its limits', () => {
    const untold: Errors = (minute) => (minute === 9 ? undefined : 2);
    expect(judged({ canary: outage, baseline: untold }).kind).toBe('wait');
    expect(judged({ canary: outage, baseline: usual }).kind).toBe('fail');
  });

  it('is held against them where the old release’s minutes are hardly ever told', () => {
    const hardly: Errors = (minute) => (minute < 3 ? 2 : undefined);
    expect(judged({ canary: outage, baseline: hardly })).toMatchObject({
      kind: 'fail',
      why: expect.stringContaining('> 1 % allowed') as string,
    });
  });
});

describe('a limit that both exceed', () => {
  it('fails no release before it is sure of the old one as well', () => {
    expect(judged({ canary: () => 14, baseline: () => 11 }).kind).not.toBe('fail');
    expect(judged({ canary: () => 14, baseline: () => 4 }).kind).toBe('fail');
  });
});
