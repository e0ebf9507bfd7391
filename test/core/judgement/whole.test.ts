/** Counts nobody knows the nodes of, beside nodes of which it is known that they crashed. */
import { describe, expect, it } from 'vitest';
import { judgePolicy } from '../../../core/judgement/judge-policy.ts';
import { type NodeCounts, WHOLE_GROUP } from '../../../core/judgement/sequential/counts.ts';
import { conclude, lookAt } from '../../../core/judgement/sequential/look.ts';
import type { Policy } from '../../../core/judgement/sequential/policy.ts';
import { NEW_STATE } from '../../../core/judgement/sequential/state.ts';
import { service } from '../../fakes/fixtures.ts';

const { file } = service();
const policy = judgePolicy({ file, watch: 'canary', minutes: 30, lastLooks: 0 });
const counts = (id: string, nodes: number, errors: number, crashes = 0): NodeCounts => ({
  ...{ id, nodes, requests: nodes > 0 ? 1000 : 0, errors, timed: 0, over: [0], far: [0], crashes, fingerprints: [] },
});

/** Half an hour in which one node crashes once, in the first minute that is bet on. */
function judged(errors: { readonly watched: number; readonly reference: number }, over: Partial<Policy> = {}) {
  const rules = { ...policy, horizon: Infinity, ...over };
  let state = NEW_STATE;
  for (let minute = 0; minute < 30; minute++) {
    const crashed = minute === policy.warmupIntervals ? [counts('i-2', 0, 0, 1)] : [];
    const watched = [counts(WHOLE_GROUP, 2, errors.watched), ...crashed];
    state = lookAt(state, { seconds: 60, watched, reference: [counts(WHOLE_GROUP, 2, errors.reference)] }, rules).state;
  }
  return conclude(state, rules, { isDue: true, seconds: 60, nodes: 2 });
}

describe('the whole of a group', () => {
  it('is no node that alone could be bad: its errors are the release’s', () => {
    const { look } = judged({ watched: 100, reference: 1 });
    expect(look).toMatchObject({ kind: 'fail', quarantine: [], why: expect.stringContaining('≥ 200') as string });
  });

  it('is not left out in the last look either', () => {
    const never = { alpha: 1e-300 };
    expect(judged({ watched: 14, reference: 10 }, never).look).toMatchObject({
      kind: 'fail',
      why: expect.stringContaining('over the whole watch: 1.40 % of') as string,
    });
    expect(judged({ watched: 10, reference: 10 }, never).look.kind).not.toBe('fail');
  });

  it('has the node-hours of all its nodes', () => {
    const { state } = judged({ watched: 1, reference: 1 });
    expect(state.watched[WHOLE_GROUP]?.hours).toBeCloseTo(1, 3);
    expect(state.watched['i-2']).toMatchObject({ hours: 0, crashes: 1 });
  });
});

describe('what a release lacks to pass', () => {
  it('is told in requests that do suffice, at the rates there are', () => {
    const few = judgePolicy({ file: service({ limits: { slow: [] } }).file, watch: 'canary', minutes: 1, lastLooks: 0 });
    const policyOf = { ...few, latency: [], shares: { errors: 1 } };
    const after = (requests: number) => {
      const one = { ...counts(WHOLE_GROUP, 2, 0), requests };
      const { state } = lookAt(NEW_STATE, { seconds: 60, watched: [one], reference: [one] }, policyOf);
      return conclude(state, policyOf, { isDue: true, seconds: 60, nodes: 2 }).look;
    };
    const { kind, why } = after(60);
    expect(kind).toBe('inconclusive');
    const more = Number(/about (\d+) more needed/.exec(why)?.[1]);
    expect(more).toBeLessThan(600);
    expect(after(60 + more).kind).toBe('pass');
  });
});
