/** Whether what is said of an instance is a failure that is ours to remediate; and how many of them an hour may have. */
import { describe, expect, it } from 'vitest';
import { backoffSeconds } from '../../../core/remediation/backoff.ts';
import { killBudget, spend, withPage } from '../../../core/remediation/kill-budget.ts';
import type { DoorFacts } from '../../../core/remediation/plan-door.ts';
import { planDoor, SAMPLED, toLast, withCondemned } from '../../../core/remediation/plan-door.ts';
import { HOUR, MINUTE, record, release, service, slot, T0 } from '../../fakes/fixtures.ts';

const node = slot({ healthyAt: T0, launchedAt: T0 - MINUTE });
const stable = record({ fence: 1, stable: { version: '1.0.0', fleet: 'blue' } as never });
const facts = (given: Partial<DoorFacts> = {}): DoorFacts => ({
  sighting: {
    instanceId: node.instanceId!,
    way: 'state-change',
    at: T0 + MINUTE,
    why: 'EC2 says that it is stopping',
    isHung: false,
  },
  slot: node,
  record: stable,
  release: undefined,
  watcher: 'none',
  alike: 0,
  now: T0 + 2 * MINUTE,
  ...given,
});
const kind = (given: Partial<DoorFacts>) => planDoor(facts(given)).kind;

describe('a sighting', () => {
  it('of a node that serves the stable release is a failure', () => {
    expect(planDoor(facts())).toMatchObject({
      kind: 'condemn',
      condemned: {
        faultId: `${node.instanceId}-1`,
        at: T0 + MINUTE,
        detectedAt: T0 + 2 * MINUTE,
        wasHealthy: true,
        isSampled: true,
      },
    });
  });

  it('of an instance that fills the slot no more, or whose slot is on its way out, is none', () => {
    expect(kind({ slot: { ...node, instanceId: 'i-successor' } })).toBe('left');
    for (const state of ['retiring', 'gone', 'recorded'] as const) expect(kind({ slot: { ...node, state } })).toBe('left');
  });

  it('of a node of a release that is neither stable nor in flight, or is being rolled back, is none', () => {
    expect(kind({ slot: { ...node, version: '0.9.0' } })).toBe('left');
    const back = release({ version: '2.0.0', stage: 'rolling-back', fence: 2 });
    const inFlight = { ...stable, fence: 2, inFlight: '2.0.0' };
    expect(kind({ record: inFlight, release: back, slot: { ...node, version: '2.0.0', fence: 2 } })).toBe('left');
    expect(kind({ record: inFlight, release: back })).toBe('condemn');
  });

  it('of one that a release in flight has launched and that never was healthy is the release’s own watch’s', () => {
    const { healthyAt: _, ...fresh } = node;
    const inFlight = { ...stable, fence: 2, inFlight: '2.0.0' };
    const own = release({ version: '2.0.0', stage: 'canary', fence: 2 });
    expect(kind({ record: inFlight, release: own, slot: { ...fresh, version: '2.0.0', fence: 2 } })).toBe('left');
    // Of an older release the watch is over.
    expect(kind({ record: inFlight, release: own, slot: fresh })).toBe('condemn');
  });

  it('speaks against a release in flight, if it is of that one', () => {
    const inFlight = { ...stable, fence: 2, inFlight: '2.0.0' };
    const own = release({ version: '2.0.0', stage: 'canary', fence: 2 });
    const wasInFlight = (one: typeof node) => {
      const plan = planDoor(facts({ record: inFlight, release: own, slot: one }));
      return plan.kind === 'condemn' && plan.condemned.wasInFlight;
    };
    expect([wasInFlight({ ...node, version: '2.0.0' }), wasInFlight(node)]).toEqual([true, false]);
  });

  it('of one that never was healthy is its watcher’s business, and nobody else’s', () => {
    const { healthyAt: _, ...fresh } = { ...node, attempt: 2 };
    expect(kind({ slot: fresh, watcher: 'running' })).toBe('left');
    expect(kind({ slot: fresh, watcher: 'failed' })).toBe('condemn');
    expect(kind({ slot: fresh, watcher: 'running', sighting: { ...facts().sighting, isWatched: true } })).toBe('condemn');
  });

  it('keeps the whole evidence of the first few alike, and little of the rest', () => {
    const isSampled = (alike: number) => {
      const plan = planDoor(facts({ alike }));
      return plan.kind === 'condemn' && plan.condemned.isSampled;
    };
    expect([isSampled(SAMPLED - 1), isSampled(SAMPLED)]).toEqual([true, false]);
  });

  it('from before the launch, or from the future, puts no fault where nobody looks for it', () => {
    const at = (told: number) => {
      const plan = planDoor(facts({ sighting: { ...facts().sighting, at: told } }));
      return plan.kind === 'condemn' ? plan.condemned.at : undefined;
    };
    expect([at(0), at(T0 + HOUR)]).toEqual([T0 - MINUTE, T0 + 2 * MINUTE]);
  });
});

describe('a slot whose instance is condemned', () => {
  const plan = planDoor(facts());
  const condemned = plan.kind === 'condemn' ? plan.condemned : undefined;

  it('has none until its next, which has the next attempt, and counts failures that follow each other', () => {
    const next = withCondemned(node, condemned!, undefined);
    expect(next).toMatchObject({ state: 'recorded', attempt: 2, failures: 0, condemned: [condemned] });
    expect(next).not.toHaveProperty('instanceId');
    expect(next).not.toHaveProperty('healthyAt');
    const { healthyAt: _, ...never } = node;
    expect(withCondemned({ ...never, failures: 2 }, condemned!, undefined).failures).toBe(3);
  });

  it('keeps its twin, however often that is replaced', () => {
    const twin = { imageId: 'ami-linux-1.0.0', at: T0, why: 'it came again' };
    expect(withCondemned(withCondemned(node, condemned!, twin), condemned!, undefined).twin).toEqual(twin);
  });

  it('that is to be retired has its evidence kept only if it served, and does so no more', () => {
    const health = (state: 'healthy' | 'unhealthy' | 'unused') => [{ instanceId: node.instanceId!, state }];
    const last = (state: 'healthy' | 'unhealthy' | 'unused', one = node) =>
      toLast(one, { health: health(state), wasInFlight: true, isSampled: true, now: T0 })?.isHung;
    expect([last('healthy'), last('unhealthy'), last('unused')]).toEqual([undefined, true, false]);
    const { healthyAt: _, ...never } = node;
    expect(last('unhealthy', never)).toBeUndefined();
  });
});

describe('the kill budget', () => {
  const none = { service: 'web', kills: [], pages: [], revision: 0 };

  it('is half of the nodes, and at least ten, unless the service says otherwise', () => {
    expect(killBudget(service({ nodes: 3 }).file)).toBe(10);
    expect(killBudget(service({ nodes: 97, linuxNodes: 3 }).file)).toBe(50);
    expect(killBudget(service({ remediation: { killsPerHour: 3 } }).file)).toBe(3);
  });

  it('is spent once for a fault, refuses what is beyond it, and comes back an hour later', () => {
    const one = spend(none, 'a', 2, T0).record;
    expect(spend(one, 'a', 2, T0)).toEqual({ record: one, isAllowed: true });
    const two = spend(one, 'b', 2, T0).record;
    expect(spend(two, 'c', 2, T0 + HOUR - 1).isAllowed).toBe(false);
    expect(spend(two, 'b', 2, T0 + 1).isAllowed).toBe(true);
    expect(spend(two, 'c', 2, T0 + HOUR).isAllowed).toBe(true);
  });

  it('has somebody called once for each reason and hour', () => {
    const held = { about: 'held', now: T0 } as const;
    const called = withPage(withPage(none, { ...held, why: 'first' }), { ...held, why: 'second', now: T0 + MINUTE });
    expect(called.pages.map(({ why }) => why)).toEqual(['first']);
    expect(withPage(called, { ...held, why: 'third', now: T0 + HOUR }).pages).toHaveLength(2);
    expect(withPage(called, { about: 'capacity', why: 'other', now: T0 }).pages).toHaveLength(2);
  });

  it('has somebody called every few hours about one thing, and about another whose name begins alike', () => {
    const daily = { about: 'release 1.0.0', why: 'frozen', now: T0, everyHours: 24 } as const;
    const other = withPage(none, { ...daily, about: 'release 1.0.0-rc.1' });
    const both = withPage(other, daily);
    expect(both.pages).toHaveLength(2);
    expect(withPage(both, { ...daily, now: T0 + 5 * HOUR }).pages).toHaveLength(2);
    expect(withPage(both, { ...daily, now: T0 + 24 * HOUR }).pages).toHaveLength(3);
  });
});

it('waits 10 s, 20 s, 40 s after failures in a row, and never more than five minutes', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 99].map(backoffSeconds)).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
});
