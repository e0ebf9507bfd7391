import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peaks, planCapacity } from '../../../core/fleet/plan-capacity.ts';
import type { CapacityFacts } from '../../../core/fleet/plan-capacity.ts';
import type { Room } from '../../../core/fleet/ports.ts';
import type { Slot } from '../../../core/fleet/fleet.ts';
import { isAlive } from '../../../core/fleet/phase.ts';
import { service, slot } from '../../fakes/fixtures.ts';
import { anySizes, openStable, openDriver, run, toFile } from '../../fakes/hello.ts';
import type { Sizes } from '../../fakes/hello.ts';
import type { Driver } from '../../fakes/memory-world.ts';
import { runRelease } from '../../fakes/memory-world.ts';

const NAME = 'Running On-Demand Standard instances';

const room = (limit: number, usedByOthers = 0, perNode = { linux: 2, unikernel: 1 }): Room => ({
  vcpus: { kind: 'known', perNode, quotas: [{ name: NAME, builds: ['linux', 'unikernel'], limit, usedByOthers }] },
  targets: { kind: 'known', name: 'Targets per Application Load Balancer', limit: 1000 },
});

const many = (count: number, given: Partial<Slot>) =>
  Array.from({ length: count }, (_, n) => slot({ ...given, id: `${given.group ?? 'blue'}-1-${n}` }));
const steady = [...many(4, { group: 'blue' }), ...many(2, { group: 'baseline', build: 'linux' })];

/** 4 unikernels and 2 Linux nodes stand; at most 4+2+2 Linux (2 replaced) and 4+4+1 unikernels: 6 × 2 + 9. */
const facts = (given: Partial<CapacityFacts> = {}): CapacityFacts => ({
  file: service().file,
  isFirst: false,
  slots: steady,
  room: room(64),
  ...given,
});

describe('the room for a release', () => {
  it('is enough up to the last vCPU, and one less is too little', () => {
    expect(planCapacity(facts({ room: room(21) })).kind).toBe('fits');
    expect(planCapacity(facts({ room: room(20) })).kind).toBe('too-much');
    expect(planCapacity(facts({ room: room(31, 10) })).kind).toBe('fits');
    expect(planCapacity(facts({ room: room(30, 10) })).kind).toBe('too-much');
  });

  it('is refused with value, operator, limit and what to do', () => {
    expect(planCapacity(facts({ room: room(30, 10) })).why).toBe(
      `at its largest it needs 21 vCPUs beside 10 that others use: 31 > 30. Request an increase of "${NAME}" in Service Quotas, or lower \`nodes\` in the service file`,
    );
  });

  it('counts each build against the quota of its own family', () => {
    const quota = { name: NAME, limit: 0, usedByOthers: 0 };
    const apart = (linux: number, unikernel: number): Room => ({
      ...room(0),
      vcpus: {
        kind: 'known',
        perNode: { linux: 2, unikernel: 1 },
        quotas: [
          { ...quota, builds: ['linux'], limit: linux },
          { ...quota, builds: ['unikernel'], limit: unikernel },
        ],
      },
    });
    expect(planCapacity(facts({ room: apart(12, 9) })).kind).toBe('fits');
    expect(planCapacity(facts({ room: apart(11, 9) })).kind).toBe('too-much');
    expect(planCapacity(facts({ room: apart(12, 8) })).kind).toBe('too-much');
  });

  it('counts the targets of the load balancer', () => {
    const targets = (limit: number): Room => ({ ...room(64), targets: { kind: 'known', name: 'Targets', limit } });
    expect(planCapacity(facts({ room: targets(15) })).kind).toBe('fits');
    expect(planCapacity(facts({ room: targets(14) }))).toMatchObject({
      kind: 'too-much',
      why: expect.stringContaining('15 > 14') as string,
    });
  });

  it('is tried where it is not known, and the reason says so', () => {
    const unknown: Room = { ...room(0), vcpus: { kind: 'unknown', why: 'AccessDenied' } };
    expect(planCapacity(facts({ room: unknown }))).toMatchObject({
      kind: 'fits',
      why: expect.stringContaining('AccessDenied') as string,
    });
  });

  it('never gets larger by asking for more nodes', () => {
    const size = fc.integer({ min: 1, max: 50 });
    const sizes = fc.record({
      nodes: size,
      linuxNodes: size,
      canary: size,
      debut: size,
      limit: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(sizes, fc.constantFrom('nodes', 'linuxNodes', 'canary', 'debut'), fc.boolean(), (one, field, isFirst) => {
        const plan = (given: typeof one) => {
          const { file } = service();
          const asked = {
            nodes: given.nodes,
            linuxNodes: given.linuxNodes,
            canary: { ...file.canary, nodes: given.canary },
            debut: { ...file.debut, nodes: given.debut },
          };
          return planCapacity(facts({ file: asked, isFirst, slots: isFirst ? [] : steady, room: room(given.limit) })).kind;
        };
        if (plan(one) === 'too-much') expect(plan({ ...one, [field]: one[field] + 1 })).toBe('too-much');
      }),
    );
  });
});

describe('the largest moment of a release', () => {
  /** Live slots by build at their most, over every port call of the release. */
  async function watch(driver: Driver): Promise<{ linux: number; unikernel: number }> {
    const most = { linux: 0, unikernel: 0 };
    driver.onStep = async () => {
      const alive = (await driver.world.slots.list('web')).filter(isAlive);
      for (const build of ['linux', 'unikernel'] as const) {
        most[build] = Math.max(most[build], alive.filter((one) => one.build === build).length);
      }
    };
    return most;
  }

  const foretold = async (driver: Driver, isFirst: boolean) => {
    const slots = await driver.world.slots.list('web');
    const moments = peaks({ file: driver.world.service.file, isFirst, slots });
    return { linux: Math.max(...moments.map((one) => one.linux)), unikernel: Math.max(...moments.map((one) => one.unikernel)) };
  };

  async function isForetold(driver: Driver, version: string, fence: number) {
    const expected = await foretold(driver, fence === 1);
    const most = await watch(driver);
    await driver.uploadBoth(version);
    await runRelease(driver, run(version, fence));
    expect(most).toEqual(expected);
  }

  it('is the one that was foretold, for services of every shape', async () => {
    await fc.assert(
      fc.asyncProperty(anySizes, async (sizes: Sizes) => {
        await isForetold(openDriver(toFile(sizes)), '1.0.0', 1);
        await isForetold(await openStable(toFile(sizes)), '2.0.0', 2);
      }),
      { numRuns: 20 },
    );
  });
});
