/** What the sweep takes for a failure that nobody has told, and what it does not. */
import { describe, expect, it } from 'vitest';
import type { HealthState, Node, NodeState, Slot } from '../../../core/fleet/fleet.ts';
import type { NodeFacts } from '../../../core/sweep/plan-nodes.ts';
import { planNodes } from '../../../core/sweep/plan-nodes.ts';
import { HOUR, MINUTE, slot, T0 } from '../../fakes/fixtures.ts';

const served = slot({ launchedAt: T0, healthyAt: T0 + MINUTE });
const { healthyAt: _, ...fresh } = served;
const LATER = T0 + HOUR;

const node = (state: NodeState, { id, instanceId = '', service, version, build, group }: Slot = served): Node => ({
  ...{ instanceId, state, launchedAt: T0, service, version, build, group, slot: id },
});

interface Given extends Partial<Omit<NodeFacts, 'health'>> {
  readonly one?: Slot;
  readonly state?: NodeState;
  readonly health?: HealthState | 'no member';
}

function look({ one = served, state = 'running', health = 'healthy', ...given }: Given) {
  const members = health === 'no member' ? [] : [{ instanceId: one.instanceId!, state: health }];
  const facts = { slots: [one], nodes: [node(state, one)], impairments: [], deadlineMs: 5 * MINUTE, now: LATER };
  return planNodes({ ...facts, health: new Map([[one.group, members]]), ...given });
}
const kinds = (given: Given) => look(given).map(({ kind }) => kind);

describe('a node', () => {
  it('that serves is well, and one whose slot is empty or on its way out is nobody’s to look at', () => {
    expect(kinds({})).toEqual([]);
    for (const state of ['recorded', 'retiring', 'gone'] as const)
      expect(kinds({ one: { ...served, state }, state: 'stopped' })).toEqual([]);
  });

  it.each(['stopping', 'stopped', 'shutting-down', 'terminated'] as const)('that is %s has failed, at once', (state) => {
    expect(look({ state })).toMatchObject([{ kind: 'failed', sighting: { way: 'sweep', isHung: false, at: LATER } }]);
  });

  it('that EC2 does not list was terminated, unless it is so new that the list may be stale', () => {
    const now = (after: number) => kinds({ nodes: [], now: T0 + after });
    expect([now(MINUTE - 1), now(MINUTE)]).toEqual([[], ['failed']]);
    // Of a sweep that comes late, the instance may be the newer one.
    expect(now(-MINUTE)).toEqual([]);
  });

  it('that does not serve is suspect first, and has failed when a second sweep sees it too', () => {
    expect(kinds({ health: 'unhealthy' })).toEqual(['suspect']);
    const suspect = { ...served, suspectedAt: LATER };
    const after = (seconds: number) => look({ one: suspect, health: 'unhealthy', now: LATER + seconds * 1000 });
    expect(after(10)).toEqual([]);
    expect(after(60)).toMatchObject([{ kind: 'failed', sighting: { isHung: true, at: LATER, way: 'sweep' } }]);
    expect(kinds({ one: suspect, now: LATER + MINUTE })).toEqual(['well']);
  });

  it('that is being let in or out of its group is left alone, and one that is in none is let in', () => {
    for (const health of ['initial', 'draining'] as const) expect(kinds({ health })).toEqual([]);
    expect(kinds({ health: 'no member' })).toEqual(['register']);
    expect(kinds({ health: 'no member', state: 'pending' })).toEqual(['suspect']);
  });

  it('that EC2 will retire is replaced though it serves; one whose checks fail, when that is seen twice', () => {
    const { instanceId = '' } = served;
    const scheduled = [{ instanceId, kind: 'scheduled', why: 'retirement' }] as const;
    expect(look({ impairments: scheduled })).toMatchObject([{ kind: 'failed', sighting: { way: 'status', isHung: false } }]);
    const impaired = [{ instanceId, kind: 'impaired', why: 'its check fails' }] as const;
    expect(kinds({ impairments: impaired })).toEqual(['suspect']);
    const again = { one: { ...served, suspectedAt: LATER - MINUTE }, impairments: impaired };
    expect(look(again)).toMatchObject([{ kind: 'failed', sighting: { way: 'status', isHung: true, why: 'its check fails' } }]);
  });

  it('that never served is noted when it does, and has failed a while after its deadline', () => {
    expect(kinds({ one: fresh })).toEqual(['healthy']);
    const after = (minutes: number) => kinds({ one: fresh, health: 'unhealthy', now: T0 + minutes * MINUTE });
    expect([after(5), after(6)]).toEqual([[], ['failed']]);
  });
});
